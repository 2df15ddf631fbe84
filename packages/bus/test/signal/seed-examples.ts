/** Every signal printed in the specification of the orchestrator, as it stands there. */

const timestamp = "2025-11-15T10:30:00Z";

export const SEED_EXAMPLES = [
  {
    signal: "Q_PROMOTIONS_DETECTED",
    timestamp,
    source: "orchestrator_monitor",
    facts: {
      promotion_count: 3,
      unacknowledged_count: 3,
      oldest_promotion_age_hours: 12,
      last_dream_time: "2025-11-13T22:00:00Z",
      promotions_path: "/home/kloros/.kloros/dream_lab/promotions",
    },
  },
  {
    signal: "Q_MODULE_DISCOVERED",
    timestamp,
    source: "orchestrator_monitor",
    facts: {
      module_name: "audio_processing",
      module_path: "src.audio",
      investigation_id: "discover.module.audio_processing",
      py_files_count: 5,
      has_init: true,
    },
  },
  {
    signal: "Q_HEALTH_ALERT",
    timestamp,
    source: "orchestrator_monitor",
    facts: {
      alert_type: "disk_space_low",
      severity: "warning",
      metric_value: "85%",
      threshold: "80%",
      recommended_action: "cleanup_logs",
    },
  },
  {
    signal: "Q_DREAM_TRIGGER",
    timestamp,
    source: "kloros_policy_engine",
    facts: { reason: "unacknowledged_promotions_detected", topic: null, promotion_count: 3 },
  },
  {
    signal: "Q_CURIOSITY_INVESTIGATE",
    timestamp,
    source: "intent_router",
    facts: {
      question: "What does the audio module do?",
      question_id: "discover.module.audio",
      priority: "normal",
      evidence: ["path:/home/kloros/src/audio", "has_init:true"],
    },
  },
  {
    signal: "Q_INVESTIGATION_COMPLETE",
    timestamp,
    source: "investigation_consumer_daemon",
    facts: {
      question_id: "discover.module.audio",
      investigation_timestamp: "20251115_103000",
      hypothesis: "UNDISCOVERED_MODULE_audio",
      confidence: 0.95,
      evidence_count: 12,
    },
  },
  {
    signal: "Q_MODULE_INTEGRATED",
    timestamp,
    source: "capability_integrator_daemon",
    facts: {
      module_name: "audio_processing",
      module_path: "src.audio",
      capabilities_added: ["process_audio", "extract_features"],
      init_created: true,
    },
  },
  {
    signal: "Q_DREAM_COMPLETE",
    timestamp,
    source: "dream_consumer_daemon",
    facts: {
      cycle_id: "dream_20251115_103000",
      mutations_generated: 150,
      tournament_winner: "mutation_42",
      fitness_improvement: 0.12,
      duration_seconds: 180,
    },
  },
  {
    signal: "Q_WINNER_DEPLOYED",
    timestamp,
    source: "winner_deployer_daemon",
    facts: {
      winner_id: "mutation_42",
      deployment_path: "/home/kloros/src/kloros/deployed",
      backup_created: true,
      rollback_available: true,
    },
  },
  {
    signal: "Q_INTEGRATION_FAILED",
    timestamp,
    source: "capability_integrator_daemon",
    facts: {
      investigation_id: "discover.module.audio",
      error_type: "ModuleNotFound",
      error_message: "Module path does not exist",
      retry_possible: false,
    },
  },
  {
    signal: "Q_DEPLOYMENT_FAILED",
    timestamp,
    source: "winner_deployer_daemon",
    facts: {
      winner_id: "mutation_42",
      error_type: "TestFailure",
      error_message: "Winner failed validation tests",
      rollback_completed: true,
    },
  },
  {
    signal: "Q_INVESTIGATION_TIMEOUT",
    timestamp,
    source: "orchestrator_monitor",
    facts: {
      question_id: "discover.module.audio",
      timeout_seconds: 600,
      suggested_action: "restart_investigation_consumer",
    },
  },
] as const;
