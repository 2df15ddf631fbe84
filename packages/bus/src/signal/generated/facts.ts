// Placeholder until the generator writes it.
export interface SignalFacts {
  Q_CURIOSITY_INVESTIGATE: { question: string; question_id: string; priority: "low" | "normal" | "high" | "critical"; evidence: string[] };
}
