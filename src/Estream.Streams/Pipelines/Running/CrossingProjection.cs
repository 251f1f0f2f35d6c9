using Estream.Esf;
using Estream.Map;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Makes the result of a crossing: of the message whose value crossed the threshold, and of what the crossing is. One
/// thread.</summary>
internal sealed class CrossingProjection(Projection projection)
{
    private readonly byte[] _crossing = new byte[ThresholdCrossingRecord.FixedLength + Utf8Key64.MaxLength];

    /// <summary>What expressions know of a crossing.</summary>
    public static EsfSchema Schema => ThresholdCrossingRecord.Schema;

    /// <summary>Makes the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="key">Its key.</param>
    /// <param name="isRaised">Whether it is raised from here on.</param>
    /// <param name="value">The value.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="length">How long it is.</param>
    /// <returns>Why it cannot be made; null when it was.</returns>
    public string? Make(ReadOnlySpan<byte> message, in Utf8Key64 key, bool isRaised, double value, Span<byte> destination, out int length)
    {
        scoped ThresholdCrossingRecord.Writer crossing = ThresholdCrossingRecord.Write(_crossing);
        crossing.Raised = isRaised;
        crossing.Value = value;
        crossing.Key = key.Span;
        return projection.Make(message, _crossing.AsSpan(0, crossing.Length), destination, out length);
    }
}
