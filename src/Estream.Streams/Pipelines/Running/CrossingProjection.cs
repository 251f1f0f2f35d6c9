using Estream.Esf;
using Estream.Map;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Creates the result of a crossing, from the message whose value crossed the threshold and the crossing itself. Used on one
/// thread.</summary>
internal sealed class CrossingProjection(Projection projection)
{
    private readonly byte[] _crossing = new byte[ThresholdCrossingRecord.FixedLength + Utf8Key64.MaxLength];

    /// <summary>The schema by which expressions access a crossing.</summary>
    public static EsfSchema Schema => ThresholdCrossingRecord.Schema;

    /// <summary>Creates the result.</summary>
    /// <param name="message">The message.</param>
    /// <param name="key">The key of the message.</param>
    /// <param name="isRaised">True if the key is raised from now on.</param>
    /// <param name="value">The value of the message.</param>
    /// <param name="destination">Receives the result.</param>
    /// <param name="length">The length of the result.</param>
    /// <returns>The reason if the result cannot be created; otherwise null.</returns>
    public string? Make(ReadOnlySpan<byte> message, in Utf8Key64 key, bool isRaised, double value, Span<byte> destination, out int length)
    {
        scoped ThresholdCrossingRecord.Writer crossing = ThresholdCrossingRecord.Write(_crossing);
        crossing.Raised = isRaised;
        crossing.Value = value;
        crossing.Key = key.Span;
        return projection.Make(message, _crossing.AsSpan(0, crossing.Length), destination, out length);
    }
}
