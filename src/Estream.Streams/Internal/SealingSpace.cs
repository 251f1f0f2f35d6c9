using System.Numerics;
using System.Security.Cryptography;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Internal;

/// <summary>
/// Where messages with private fields are written before they are sealed into the log: their cleartext never lies in its files. Overwritten
/// when a message is sealed or given up.
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

    /// <summary>What is left of the bytes of a batch.</summary>
    public int Left { get; set; }

    /// <summary>The space that was taken last.</summary>
    public Span<byte> Taken => _buffer.AsSpan(0, _taken);

    /// <summary>The space for a writer's messages; none where its schema has no private fields.</summary>
    /// <param name="sealer">Seals them.</param>
    /// <param name="known">A space that is used again, where it is of this sealer.</param>
    /// <param name="subLexes">The appenders of the sub-lexes of the schema.</param>
    /// <param name="main">The appender of the messages.</param>
    /// <exception cref="ArgumentException">It has some and no sealer was given, or one of another schema; or a sub-lex has no
    /// appender.</exception>
    public static SealingSpace? For<TWriter>(
        EsfSealer? sealer, SealingSpace? known = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null,
        QueueAppender? main = null)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct => For(TWriter.Schema, sealer, known, subLexes, main);

    /// <summary>The space for messages of a schema; none where it has no private fields.</summary>
    /// <inheritdoc cref="For{TWriter}" path="/exception"/>
    public static SealingSpace? For(
        EsfSchema schema, EsfSealer? sealer, SealingSpace? known = null, IReadOnlyDictionary<string, QueueAppender>? subLexes = null,
        QueueAppender? main = null)
    {
        if (sealer is not null && sealer.Schema.Id != schema.Id)
        {
            throw new ArgumentException(
                $"The sealer is for {sealer.Schema}, and messages of {schema} are written: give one made with the schema of the writer.",
                nameof(sealer));
        }

        SubLexParts? parts = SubLexParts.For(schema, subLexes, main);
        return !schema.IsProtected ? null
            : sealer is null && !schema.HasPrivateFields
                ? throw new ArgumentException(
                    $"{schema} has tokenized fields, and numbers of cards are never stored: give an EsfSealer with the vault of their "
                    + "tokens.", nameof(sealer))
            : sealer is null ? throw new ArgumentException(
                $"{schema} has private fields "
                + $"({string.Join(", ", schema.Fields.Where(field => field.IsPrivate).Select(field => field.Name)
                    .DefaultIfEmpty("in its objects"))}), "
                + "which are never stored in clear: give an EsfSealer with the keys of their audiences.", nameof(sealer))
            : known?._sealer == sealer ? known
            : new SealingSpace(sealer, parts);
    }

    /// <summary>The most bytes that messages take in the log.</summary>
    public int MaxSealedLength(int length, int messages = 1) => _sealer.MaxSealedLength(length, messages);

    /// <summary>Space for a message in clear.</summary>
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

    /// <summary>Seals the message at the beginning of the space that was taken.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="destination">Takes it sealed.</param>
    /// <returns>How long it is there.</returns>
    /// <exception cref="ArgumentException">It is no whole message: a required field was not set.</exception>
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

    /// <summary>Appends what the sealed messages keep in sub-lexes: comes before they are shown themselves.</summary>
    public void AppendParts() => _parts?.Append();

    /// <summary>Gives up what the sealed messages keep in sub-lexes, with them.</summary>
    public void ForgetParts() => _parts?.Forget();

    /// <summary>Overwrites what was written.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Taken);
        _taken = 0;
    }
}
