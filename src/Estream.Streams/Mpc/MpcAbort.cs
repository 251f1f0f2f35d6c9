namespace Estream.Streams;

/// <summary>Why a session ended without a total.</summary>
/// <param name="Party">The party that is the reason, by its place in the list; -1 where nobody can be named.</param>
/// <param name="AccusedBy">Who says so, where only that one can see it; -1 where the transcript shows it to everybody.</param>
/// <param name="Reason">What it did, or did not do in time.</param>
public sealed record MpcAbort(int Party, int AccusedBy, string Reason);
