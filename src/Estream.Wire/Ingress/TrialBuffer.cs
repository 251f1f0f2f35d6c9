using System.Buffers;

namespace Estream.Wire;

/// <summary>Translates messages to find out whether they fit their schemas. Overwrites what was translated, which is private. Not
/// thread-safe.</summary>
internal sealed class TrialBuffer
{
    private const int InitialBytes = 16 * 1024;
    private const int MaxBytes = 1 << 30;

    private byte[] _small = new byte[InitialBytes];

    /// <summary>Whether a message fits the schema of its mapping. Whether it fits its queue is not checked.</summary>
    /// <param name="writer">Knows the mappings.</param>
    /// <param name="message">The message.</param>
    public bool Fits(IngressWriter writer, in WireMessage message) => Try(writer, message).IsOk;

    /// <summary>Translates a message. Whether it fits its queue is not checked.</summary>
    /// <param name="writer">Knows the mappings.</param>
    /// <param name="message">The message.</param>
    public TranslateStatus Try(IngressWriter writer, in WireMessage message)
    {
        TranslateStatus status = writer.Translate(message, _small, out int length);
        _small.AsSpan(0, status.IsOk ? length : _small.Length).Clear();
        for (int room = 4 * InitialBytes; status.IsDestinationTooSmall && room <= MaxBytes; room *= 4)
        {
            byte[] large = ArrayPool<byte>.Shared.Rent(room);
            status = writer.Translate(message, large, out length);
            ArrayPool<byte>.Shared.Return(large, clearArray: true);
        }

        return status;
    }
}
