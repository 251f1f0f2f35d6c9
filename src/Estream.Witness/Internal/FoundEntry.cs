namespace Estream.Witness.Internal;

/// <summary>An entry that was looked for.</summary>
/// <param name="Number">Its number in the witness queue.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Before">The one before it; none before the first that is there.</param>
internal sealed record FoundEntry(long Number, WitnessEntry Entry, WitnessEntry? Before);
