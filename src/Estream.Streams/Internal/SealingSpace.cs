using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Internal;

/// <summary>
/// A buffer in which messages with private fields are written before they are sealed into the log, so that their plaintext is never in the
/// files of the log. The buffer is overwritten with zeros when a message is sealed or aborted.
/// </summary>
internal sealed class SealingSpace
{
    private const int LeastBytes = 256;

    private readonly EsfSealer _sealer;
    private readonly SubLexParts? _parts;
    private byte[] _buffer = [];
    private int _taken;

    private SealingSpace(EsfSealer sealer, SubLexParts? parts)
    {
        _sealer = sealer;
        _parts = parts;
    }

    /// <summary>The schema of the messages.</summary>
    public EsfSchema Schema => _sealer.Schema;

    /// <summary>The remaining bytes of a batch.</summary>
    public int Left { get; set; }

    /// <summary>The space that the last <see cref="Take"/> returned.</summary>
    public Span<byte> Taken => _buffer.AsSpan(0, _taken);

    /// <summary>Returns the space for a writer's messages; null if the schema needs no sealing.</summary>
    /// <param name="sealer">Seals the messages.</param>
    /// <param name="known">A space to reuse if it has the same sealer.</param>
    /// <param name="subLexes">The appenders of the sub-lexes of the schema.</param>
    /// <param name="main">The appender of the messages.</param>
    /// <exception cref="ArgumentException">The schema needs a sealer and <paramref name="sealer"/> is null; or the sealer belongs to
    /// another schema; or a sub-lex has no appender.</exception>
    public static SealingSpace? For<TWriter>(
        EsfSealer? sealer, SealingSpace? known = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null,
        QueueAppender? main = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => For(TWriter.Schema, sealer, known, subLexes, main);

    /// <summary>Returns the space for messages of a schema; null if the schema needs no sealing.</summary>
    /// <inheritdoc cref="For{TWriter}" path="/exception"/>
    public static SealingSpace? For(
        EsfSchema schema, EsfSealer? sealer, SealingSpace? known = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null,
        QueueAppender? main = null)
    {
        if (sealer is not null && sealer.Schema.Id != schema.Id)
        {
            throw new ArgumentException(
                $"The sealer is for {sealer.Schema}, but the messages are of {schema}. Pass a sealer for the schema of the writer.",
                nameof(sealer));
        }

        SubLexParts? parts = SubLexParts.For(schema, subLexes, main);
        return !schema.IsProtected ? null
            : sealer is null && !schema.HasPrivateFields
                ? throw new ArgumentException(
                    $"{schema} has tokenized fields, and card numbers are never stored. Pass an EsfSealer with the vault of their "
                    + "tokens.", nameof(sealer))
            : sealer is null ? throw new ArgumentException(
                $"{schema} has private fields "
                + $"({string.Join(", ", schema.Fields.Where(field => field.IsPrivate).Select(field => field.Name)
                    .DefaultIfEmpty("in its objects"))}), "
                + "which are never stored in plaintext. Pass an EsfSealer with the keys of their audiences.", nameof(sealer))
            : known?._sealer == sealer ? known
            : new SealingSpace(sealer, parts);
    }

    /// <summary>Returns the maximum number of bytes that messages take in the log.</summary>
    public int MaxSealedLength(int length, int messages = 1) => _sealer.MaxSealedLength(length, messages);

    /// <summary>Returns space for a plaintext message.</summary>
    public Span<byte> Take(int length)
    {
        Clear();
        if (_buffer.Length < length)
        {
            _buffer = GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, LeastBytes)), pinned: true);
        }

        _taken = length;
        return Taken;
    }

    /// <summary>Seals the message at the start of the taken space.</summary>
    /// <param name="length">The length of the message.</param>
    /// <param name="destination">Receives the sealed message.</param>
    /// <returns>The length of the sealed message.</returns>
    /// <exception cref="ArgumentException">The message is incomplete: a required field is not set.</exception>
    public int Seal(int length, Span<byte> destination)
    {
        EsfStatus status = _sealer.Seal(Taken[..length], _parts is null ? destination : _parts.Sealed(destination.Length), out int written);
        if (!status.IsOk)
        {
            throw new ArgumentException($"The message of {_sealer.Schema} cannot be sealed: {status}");
        }

        Clear();
        return _parts?.Split(written, destination) ?? written;
    }

    /// <summary>Appends the sub-lex values of the sealed messages; called before the messages become visible.</summary>
    public void AppendParts() => _parts?.Append();

    /// <summary>Discards the sub-lex values of the sealed messages, when the messages are discarded.</summary>
    public void ForgetParts() => _parts?.Forget();

    /// <summary>Overwrites the plaintext with zeros.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Taken);
        _taken = 0;
    }
}
