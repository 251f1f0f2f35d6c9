namespace Estream.Scenarios.Harness;

/// <summary>The run cannot go on: the message says what failed and what to do; the program ends with 1.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
