namespace Estream.Marketplace.Json;

/// <summary>How much a reader of JSON takes before it refuses. What comes from outside has a limit in every direction.</summary>
/// <param name="MaxBytes">Bytes of the text.</param>
/// <param name="MaxDepth">Objects and arrays inside each other, 64 at most; the outermost is 1.</param>
/// <param name="MaxValues">Values of all kinds, member names not counted.</param>
internal readonly record struct JsonLimits(int MaxBytes, int MaxDepth = 16, int MaxValues = 100_000)
{
    /// <summary>No limit on depth goes beyond it: the reader calls itself.</summary>
    public const int DeepestDepth = 64;
}
