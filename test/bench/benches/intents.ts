/** Intent files as curiosity writes them. */

/** The text of intent number `index`, and the question it asks. */
export function intentText(index: number): { question_id: string; text: string } {
  const module = `audio_${index}`;
  const question_id = `discover.module.${module}`;
  const intent = {
    type: "discover.module",
    id: `intent-${index}`,
    data: {
      question: `What does ${module} do?`,
      question_id,
      priority: index % 11,
      evidence: [`path:src/${module}`, "has_init:true"],
      hypothesis: `UNDISCOVERED_MODULE_${module}`,
    },
    reason: "bench",
    generated_at: 1763200000 + index,
  };
  return { question_id, text: JSON.stringify(intent, null, 2) };
}
