using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Crypto;
using Estream.Esf.Internal;
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

    /// <summary>The maximum number of bytes that <see cref="Reserve"/> adds to a message.</summary>
    public const int MaxAddedBytes = EsfLimits.PqSignatureBytes;

    private static readonly byte[] s_context = Context.ToArray();

    /// <summary>Returns whether messages of a schema can be signed: it has exactly one public <c>pq_signature</c> field outside
    /// objects.</summary>
    /// <param name="schema">The schema.</param>
    public static bool CanSign(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return CountOf(schema, out _) == 1;
    }

    /// <summary>Adds the signature field to a message that does not have it, as zeros after the last byte. Call it after all other fields
    /// are set, and before the message is sealed and signed. Allocates nothing.</summary>
    /// <param name="schema">The schema, in exactly the version of the message.</param>
    /// <param name="buffer">The message, followed by at least <see cref="EsfLimits.PqSignatureBytes"/> free bytes.</param>
    /// <param name="length">The length of the message; receives the new length. Unchanged if the field is present.</param>
    /// <returns>Ok, or the error, and the message is then unchanged: <see cref="EsfError.WrongSchema"/> for a message of another schema or
    /// version, <see cref="EsfError.DestinationTooSmall"/> if the buffer is too short.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field.</exception>
    public static EsfStatus Reserve(EsfSchema schema, Span<byte> buffer, ref int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, buffer.Length);
        FieldPlan field = FieldOf(schema).Plan;
        Span<byte> message = buffer[..length];
        if (!schema.IsOwn(message) || length < schema.Plan.FixedLength)
        {
            return new EsfStatus(EsfError.WrongSchema);
        }

        if (RecordReads.HasReference(message, field.Offset))
        {
            return EsfStatus.Ok;
        }

        if (buffer.Length - length < EsfLimits.PqSignatureBytes)
        {
            return new EsfStatus(EsfError.DestinationTooSmall, field, length);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(message[field.Offset..], RecordReads.Reference(length, EsfLimits.PqSignatureBytes));
        buffer.Slice(length, EsfLimits.PqSignatureBytes).Clear();
        length += EsfLimits.PqSignatureBytes;
        return EsfStatus.Ok;
    }

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
        RequireMlDsa(signer.Algorithm, nameof(signer));
        EsfStatus status = Prepare(schema, message, out int offset);
        if (!status.IsOk)
        {
            return status;
        }

        Span<byte> signature = stackalloc byte[EsfLimits.PqSignatureBytes];
        signer.Sign(message, Context, signature);
        signature.CopyTo(message[offset..]);
        return EsfStatus.Ok;
    }

    /// <summary>Signs a message in place on the threads of a pool, so several messages can be signed at a time. Allocates nothing in steady
    /// state, except what <see cref="SignerPool"/> documents.</summary>
    /// <param name="schema">As for <see cref="Sign"/>.</param>
    /// <param name="message">As for <see cref="Sign"/>. Must not be used until the task is complete.</param>
    /// <param name="pool">A pool with an ML-DSA-87 private key.</param>
    /// <param name="cancellation">Cancels the wait for capacity of the pool. The signature field then holds zeros.</param>
    /// <returns>As for <see cref="Sign"/>.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field, or the key has another algorithm.</exception>
    /// <exception cref="ObjectDisposedException">The pool or its key was disposed. The signature field then holds zeros.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled while it waited for capacity.</exception>
    public static ValueTask<EsfStatus> SignAsync(
        EsfSchema schema, Memory<byte> message, SignerPool pool, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        RequireMlDsa(pool.Algorithm, nameof(pool));
        EsfStatus status = Prepare(schema, message.Span, out int offset);
        return status.IsOk
            ? SignAsync(message, message.Slice(offset, EsfLimits.PqSignatureBytes), pool, cancellation)
            : new ValueTask<EsfStatus>(status);
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
        RequireMlDsa(key.Algorithm, nameof(key));
        using SignedBytes signed = SignedBytes.Read(schema, message);
        return signed.Outcome == EsfSignatureOutcome.Valid && signed.IsSignedBy(key);
    }

    /// <summary>Verifies the signature of a message. See <see cref="Verify"/>.</summary>
    /// <typeparam name="TView">The generated view.</typeparam>
    /// <param name="view">The view of a stored message. Its bytes must be the stored bytes: for messages that a tailer unseals, use
    /// <c>EsfMessage.VerifySignature</c>.</param>
    /// <param name="key">The expected ML-DSA-87 public key of the sender.</param>
    /// <returns>True if the private key of <paramref name="key"/> signed exactly these bytes.</returns>
    /// <exception cref="ArgumentException">The schema does not have exactly one public <c>pq_signature</c> field outside objects, or the
    /// key has another algorithm.</exception>
    public static bool VerifySignature<TView>(this TView view, IVerifier key)
        where TView : struct, IEsfView<TView>, allows ref struct =>
        Verify(TView.Schema, view.Bytes, key);

    /// <summary>Finds the signature field of a schema.</summary>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field.</exception>
    internal static EsfField FieldOf(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        int count = CountOf(schema, out EsfField? found);
        return count == 1 ? found! : throw new ArgumentException(
            $"{schema.QualifiedName} has {count} public fields of type pq_signature outside objects. A signed message needs exactly one.",
            nameof(schema));
    }

    internal static bool TryFind(EsfField field, ReadOnlySpan<byte> message, out int offset, out int length)
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

    // The signature must not be written into the signed data, which the contract of ISigner requires to stay unchanged.
    private static ValueTask<EsfStatus> SignAsync(
        Memory<byte> message, Memory<byte> region, SignerPool pool, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(EsfLimits.PqSignatureBytes);
        ValueTask signed = pool.SignAsync(message, s_context, buffer.AsMemory(0, EsfLimits.PqSignatureBytes), cancellation);
        return CopyAsync(signed, buffer, region);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<EsfStatus> CopyAsync(ValueTask signed, byte[] buffer, Memory<byte> region)
    {
        await signed.ConfigureAwait(false);
        buffer.AsMemory(0, EsfLimits.PqSignatureBytes).CopyTo(region);
        ArrayPool<byte>.Shared.Return(buffer);
        return EsfStatus.Ok;
    }

    /// <summary>Checks a message that is to be signed, and clears its signature field.</summary>
    private static EsfStatus Prepare(EsfSchema schema, Span<byte> message, out int offset)
    {
        offset = 0;
        EsfField field = FieldOf(schema);
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

        if (!TryFind(field, message, out offset, out int length))
        {
            return new EsfStatus(EsfError.MissingField, field.Plan);
        }

        if (length != EsfLimits.PqSignatureBytes)
        {
            return new EsfStatus(EsfError.OutOfRange, field.Plan, offset);
        }

        message.Slice(offset, length).Clear();
        return EsfStatus.Ok;
    }

    private static int CountOf(EsfSchema schema, out EsfField? found)
    {
        found = null;
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

        return count;
    }

    private static void RequireMlDsa(string algorithm, string parameter)
    {
        if (algorithm != MlDsa87.Name)
        {
            throw new ArgumentException($"The algorithm of the key is {algorithm}. Use a key of {MlDsa87.Name}.", parameter);
        }
    }
}
