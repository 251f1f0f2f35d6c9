using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The bytes that a cosigner signs for a checkpoint, as defined by C2SP tlog-cosignature.</summary>
internal static class CosignedMessage
{
    // The label separates this message from other kinds; its zero byte separates the message from any text.
    private static ReadOnlySpan<byte> SubtreeLabel => "subtree/v1\n\0"u8;

    /// <summary>Returns the bytes to sign.</summary>
    /// <param name="kind">The kind of signature.</param>
    /// <param name="cosigner">The name of the signing key.</param>
    /// <param name="time">The signing time, in seconds since 1970 UTC.</param>
    /// <param name="checkpoint">The checkpoint to sign.</param>
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
