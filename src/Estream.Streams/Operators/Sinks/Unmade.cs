namespace Estream.Streams.Operators;

/// <summary>A result that cannot be made and is left out, as far as anything is said of it.</summary>
/// <param name="Reason">Which one, and why, in words that hold nothing private.</param>
/// <param name="Time">The time of what it is of, in nanoseconds since 1970 UTC.</param>
internal readonly record struct Unmade(string Reason, long Time);
