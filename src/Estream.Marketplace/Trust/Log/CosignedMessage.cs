using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The bytes a cosigner signs of a checkpoint, as C2SP tlog-cosignature has them.</summary>
internal static class CosignedMessage
{
    // A line of text so that it cannot be taken for another kind of message, and a zero so that it cannot for a text.
    private static ReadOnlySpan<byte> SubtreeLabel => "subtree/v1\n\0"u8;

    /// <summary>Makes them.</summary>
    /// <param name="kind">How is signed.</param>
    /// <param name="cosigner">Name of the key that signs.</param>
    /// <param name="time">When, in seconds since 1970 UTC.</param>
    /// <param name="checkpoint">What is signed.</param>
    public static byte[] Of(NoteKeyKind kind, string cosigner, long time, Checkpoint checkpoint)
    {
        if (kind != NoteKeyKind.MlDsa87Cosignature)
        {
            return [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n")),
                .. checkpoint.Encode()];
        }

        return
        [
            .. SubtreeLabel,
            (byte)cosigner.Length, .. Encoding.ASCII.GetBytes(cosigner),
            .. Number(time),
            (byte)checkpoint.Origin.Length, .. Encoding.ASCII.GetBytes(checkpoint.Origin),
            .. Number(0), .. Number(checkpoint.Size),
            .. checkpoint.Root,
        ];
    }

    private static byte[] Number(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
