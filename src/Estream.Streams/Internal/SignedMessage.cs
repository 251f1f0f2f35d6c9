using System.Numerics;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>Composes messages in the form in which they are signed: complete, with zeros as the signature, and sealed.</summary>
internal static class SignedMessage
{
    private const int LeastBytes = 8192;

    /// <summary>Copies the message of a writer to a buffer, adds the signature field, and seals the message.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="space">Seals the message; null if the schema has no protected fields.</param>
    /// <param name="buffer">Receives the message; replaced by a longer one if necessary.</param>
    /// <returns>The length of the message.</returns>
    /// <exception cref="ArgumentException">The schema cannot be signed, or a required field of a protected message is not set.</exception>
    /// <exception cref="InvalidOperationException">The schema has a sub-lex.</exception>
    public static int Compose<TWriter>(scoped in TWriter writer, SealingSpace? space, ref byte[] buffer)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        EsfSchema schema = TWriter.Schema;
        RequireWhole(schema);
        ReadOnlySpan<byte> written = writer.Written;
        int length = written.Length;
        int most = length + EsfSignature.MaxAddedBytes;
        if (space is null)
        {
            Reserve(ref buffer, most);
            written.CopyTo(buffer);
            Require(EsfSignature.Reserve(schema, buffer, ref length), schema);
            return length;
        }

        Span<byte> plaintext = space.Take(most);
        try
        {
            written.CopyTo(plaintext);
            Require(EsfSignature.Reserve(schema, plaintext, ref length), schema);
            Reserve(ref buffer, space.MaxSealedLength(length));
            return space.Seal(length, buffer);
        }
        finally
        {
            space.Clear();
        }
    }

    /// <summary>Throws if messages of a schema are stored in parts, which cannot be signed.</summary>
    /// <exception cref="InvalidOperationException">The schema has a sub-lex.</exception>
    public static void RequireWhole(EsfSchema schema)
    {
        if (schema.SubLexes.Count > 0)
        {
            throw new InvalidOperationException(
                $"{schema} stores fields in the sub-lex '{schema.SubLexes[0]}', apart from its messages, so a stored message cannot be "
                + "signed. Use a schema without sub-lexes for signed messages.");
        }
    }

    /// <summary>Throws if a message cannot be signed.</summary>
    /// <exception cref="ArgumentException">The status is an error.</exception>
    public static void Require(EsfStatus status, EsfSchema schema)
    {
        if (!status.IsOk)
        {
            throw new ArgumentException($"The message of {schema} cannot be signed: {status}. Set every required field.");
        }
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, LeastBytes))];
        }
    }
}
