namespace Estream.Scenarios.Harness;

/// <summary>What a contender is given: an empty directory of its own on the file system under test, and the size.</summary>
internal sealed record ContenderContext(string Directory, RunSize Size);
