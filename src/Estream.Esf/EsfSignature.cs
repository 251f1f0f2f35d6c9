using System.Buffers;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Signs messages and verifies their signatures. The signature is the value of the schema's <c>pq_signature</c> field: ML-DSA-87 (FIPS 204)
/// over every byte of the message, with zeros in place of the signature. Thread-safe.
/// See docs/formats/esf.md, "Signature".
/// </summary>
/// <remarks>
/// A message must have its final bytes before it is signed: encode, seal, then sign. A message that was encoded again does not verify, nor
/// does a part that <see cref="EsfSubLex"/> made. A signature does not prove that a message is new: see "Signature" for replays.
/// </remarks>
public static class EsfSignature
{
    /// <summary>The context of every signature. Signatures of other data by the same key are not valid for messages.</summary>
    public static ReadOnlySpan<byte> Context => "estream esf1 message signature 1"u8;

    /// <summary>Signs a message in place. The signature field must be present with <see cref="ISigner.SignatureSize"/> bytes of any
    /// content, such as zeros. Allocates nothing.</summary>
    /// <param name="schema">The schema, in exactly the version of the message, with exactly one public <c>pq_signature</c> field outside
    /// objects.</param>
    /// <param name="message">The message as it will be stored: private fields are sealed.</param>
    /// <param name="signer">The ML-DSA-87 private key.</param>
    /// <returns>Ok, or the error in the message, which is then unchanged: <see cref="EsfError.MissingField"/> if the signature field is
    /// absent, <see cref="EsfError.OutOfRange"/> if its length is not that of a signature.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field, or the key has another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed. The signature field then holds zeros.</exception>
    public static EsfStatus Sign(EsfSchema schema, Span<byte> message, ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        EsfField field = FieldOf(schema);
        RequireMlDsa(signer.Algorithm, nameof(signer));
        EsfStatus status = EsfValidator.CheckStored(schema, message);
        if (!status.IsOk)
        {
            return status;
        }

        // A later version may have appended a second signature field, which this schema does not contain.
        if (!schema.IsOwn(message))
        {
            return new EsfStatus(EsfError.WrongSchema);
        }

        if (!TryFind(field, message, out int offset, out int length))
        {
            return new EsfStatus(EsfError.MissingField, field.Plan);
        }

        if (length != signer.SignatureSize)
        {
            return new EsfStatus(EsfError.OutOfRange, field.Plan, offset);
        }

        Span<byte> region = message.Slice(offset, length);
        region.Clear();
        Span<byte> signature = stackalloc byte[EsfLimits.PqSignatureBytes];
        signer.Sign(message, Context, signature[..length]);
        signature[..length].CopyTo(region);
        return EsfStatus.Ok;
    }

    /// <summary>Verifies the signature of a message. Copies the message to a pooled buffer; allocates nothing in steady state.</summary>
    /// <param name="schema">The schema, in any compatible version, with exactly one public <c>pq_signature</c> field outside
    /// objects.</param>
    /// <param name="message">The message, of any content and at most <see cref="EsfLimits.MaxMessageBytes"/> long.</param>
    /// <param name="key">The expected ML-DSA-87 public key of the sender. During a rotation, try the new key and then the old
    /// key.</param>
    /// <returns>True if the message is a valid stored message of the schema, and the private key of <paramref name="key"/> signed exactly
    /// these bytes.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field, or the key has another algorithm.</exception>
    public static bool Verify(EsfSchema schema, ReadOnlySpan<byte> message, IVerifier key)
    {
        ArgumentNullException.ThrowIfNull(key);
        EsfField field = FieldOf(schema);
        RequireMlDsa(key.Algorithm, nameof(key));
        if (!EsfValidator.CheckStored(schema, message).IsOk || !TryFind(field, message, out int offset, out int length)
            || length != key.SignatureSize)
        {
            return false;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(message.Length);
        Span<byte> signed = buffer.AsSpan(0, message.Length);
        message.CopyTo(signed);
        signed.Slice(offset, length).Clear();
        bool isGenuine = key.Verify(signed, Context, message.Slice(offset, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return isGenuine;
    }

    private static EsfField FieldOf(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        EsfField? found = null;
        int count = 0;
        for (int i = 0; i < schema.Fields.Count; i++)
        {
            EsfField field = schema.Fields[i];
            if (field.Kind == EsfTypeKind.PqSignature && !field.IsPrivate)
            {
                found = field;
                count++;
            }
        }

        return count == 1 ? found! : throw new ArgumentException(
            $"{schema.QualifiedName} has {count} public fields of type pq_signature outside objects. A signed message needs exactly one.",
            nameof(schema));
    }

    private static bool TryFind(EsfField field, ReadOnlySpan<byte> message, out int offset, out int length)
    {
        offset = 0;
        length = 0;
        if (!field.TryGetBytes(message, out ReadOnlySpan<byte> region))
        {
            return false;
        }

        length = region.Length;
        return length == 0 || message.Overlaps(region, out offset);
    }

    private static void RequireMlDsa(string algorithm, string parameter)
    {
        if (algorithm != MlDsa87.Name)
        {
            throw new ArgumentException($"The algorithm of the key is {algorithm}. Use a key of {MlDsa87.Name}.", parameter);
        }
    }
}
