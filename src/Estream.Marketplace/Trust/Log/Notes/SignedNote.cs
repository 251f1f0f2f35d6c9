using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A text with signatures: C2SP signed-note. Whose they are and whether they are good is not said by reading it.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class SignedNote
{
    /// <summary>The most bytes a note may have: enough for <see cref="MaxSignatures"/> of ML-DSA-87.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>The most signatures a note may have.</summary>
    public const int MaxSignatures = 32;

    private const int KeyIdBytes = 4;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _text;

    private SignedNote(byte[] text, IReadOnlyList<NoteSignature> signatures)
    {
        _text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed: the bytes of the text with its last line feed.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>The signatures in the order in which they stand.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    // An em dash and a space.
    private static ReadOnlySpan<byte> LineStart => "— "u8;

    /// <summary>Reads a note. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="note">The note, if they are one.</param>
    /// <param name="fault">Why they are none.</param>
    /// <returns>Whether they are one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SignedNote? note, out NoteFault fault)
    {
        note = null;
        fault = CheckCharacters(bytes);
        if (fault != NoteFault.None)
        {
            return false;
        }

        // The last blank line ends the text, so that a text may have blank lines of its own.
        int blank = bytes.LastIndexOf("\n\n"u8);
        if (blank < 0 || blank + 2 == bytes.Length || bytes[^1] != (byte)'\n')
        {
            fault = NoteFault.NoSignatures;
            return false;
        }

        List<NoteSignature> signatures = [];
        fault = ReadSignatures(bytes[(blank + 2)..], signatures);
        if (fault != NoteFault.None)
        {
            return false;
        }

        note = new SignedNote(bytes[..(blank + 1)].ToArray(), signatures);
        return true;
    }

    /// <summary>Reads the lines of signatures, as a witness answers them.</summary>
    /// <param name="lines">Lines that each end with a line feed; from anywhere.</param>
    /// <param name="signatures">The signatures, if all of them are.</param>
    /// <returns>Whether all of them are.</returns>
    public static bool TryParseSignatures(ReadOnlySpan<byte> lines, [NotNullWhen(true)] out IReadOnlyList<NoteSignature>? signatures)
    {
        List<NoteSignature> read = [];
        bool isWhole = CheckCharacters(lines) == NoteFault.None && lines.EndsWith("\n"u8) && ReadSignatures(lines, read) == NoteFault.None;
        signatures = isWhole ? read : null;
        return isWhole;
    }

    /// <summary>Writes a note.</summary>
    /// <param name="text">Its text, which ends with a line feed.</param>
    /// <param name="signatures">At least one.</param>
    /// <exception cref="ArgumentException">It would be none that can be read again.</exception>
    public static SignedNote Create(ReadOnlySpan<byte> text, IReadOnlyList<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        SignedNote note = new(text.ToArray(), [.. signatures]);
        return TryParse(note.Encode(), out _, out NoteFault fault)
            ? note
            : throw new ArgumentException($"That is no note that can be read again: {fault}.", nameof(text));
    }

    /// <summary>The same text with further signatures behind those it has; one that is there already is not put twice.</summary>
    /// <param name="signatures">What is added.</param>
    /// <exception cref="ArgumentException">There would be too many, or one is none that can be read again.</exception>
    public SignedNote With(IEnumerable<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        List<NoteSignature> all = [.. Signatures];
        foreach (NoteSignature signature in signatures)
        {
            if (!all.Exists(other => other.KeyName == signature.KeyName && other.KeyId == signature.KeyId
                && other.Signature.Span.SequenceEqual(signature.Signature.Span)))
            {
                all.Add(signature);
            }
        }

        return Create(_text, all);
    }

    /// <summary>The bytes of the note.</summary>
    public byte[] Encode() => [.. _text, (byte)'\n', .. EncodeSignatures(Signatures)];

    /// <summary>The lines of signatures, as they stand below a text.</summary>
    /// <param name="signatures">The signatures.</param>
    public static byte[] EncodeSignatures(IEnumerable<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        StringBuilder lines = new();
        foreach (NoteSignature signature in signatures)
        {
            byte[] bytes = new byte[KeyIdBytes + signature.Signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
            signature.Signature.CopyTo(bytes.AsMemory(KeyIdBytes));
            lines.Append("— ").Append(signature.KeyName).Append(' ').Append(Convert.ToBase64String(bytes)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static NoteFault CheckCharacters(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            return NoteFault.TooLong;
        }

        ReadOnlySpan<byte> rest = bytes;
        foreach (byte one in rest)
        {
            if (one < 0x20 && one != (byte)'\n')
            {
                return NoteFault.Characters;
            }
        }

        return System.Text.Unicode.Utf8.IsValid(bytes) ? NoteFault.None : NoteFault.Characters;
    }

    private static NoteFault ReadSignatures(ReadOnlySpan<byte> lines, List<NoteSignature> signatures)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            if (signatures.Count == MaxSignatures)
            {
                return NoteFault.TooManySignatures;
            }

            if (ReadSignature(lines[..end]) is not { } signature)
            {
                return NoteFault.SignatureLine;
            }

            signatures.Add(signature);
            lines = lines[(end + 1)..];
        }

        return NoteFault.None;
    }

    // Wider than the names of keys here: signatures of others are to be passed over, not to spoil the note.
    private static bool IsKeyName(string name) => !name.Contains('+', StringComparison.Ordinal) && !name.Any(char.IsWhiteSpace);

    private static NoteSignature? ReadSignature(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(LineStart))
        {
            return null;
        }

        line = line[LineStart.Length..];
        int space = line.IndexOf((byte)' ');
        if (space <= 0)
        {
            return null;
        }

        string name = s_strict.GetString(line[..space]);
        ReadOnlySpan<byte> base64 = line[(space + 1)..];
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];

        // White space and set bits behind the last byte would give one signature two forms.
        if (!IsKeyName(name) || Base64.DecodeFromUtf8(base64, bytes, out _, out int length) != System.Buffers.OperationStatus.Done
            || length <= KeyIdBytes
            || !base64.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes, 0, length))))
        {
            return null;
        }

        return new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(KeyIdBytes, length - KeyIdBytes));
    }
}

/// <summary>Why bytes are no signed note, or no checkpoint.</summary>
public enum NoteFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>More bytes than a note may have.</summary>
    TooLong,

    /// <summary>They are not UTF-8, or hold a control character other than the end of a line.</summary>
    Characters,

    /// <summary>There is no blank line with signatures behind it, or the text does not end with its line.</summary>
    NoSignatures,

    /// <summary>More signatures than are looked at.</summary>
    TooManySignatures,

    /// <summary>A line of a signature has another form than a dash, a name, and base64 of at least five bytes.</summary>
    SignatureLine,

    /// <summary>The text has not exactly three lines: origin, size, root.</summary>
    Lines,

    /// <summary>The size is no decimal number below 2^63 without leading zeros.</summary>
    Size,

    /// <summary>The root is not the base64 of 32 bytes.</summary>
    Root,
}

/// <summary>One signature of a note: who says they made it, and the bytes.</summary>
/// <param name="KeyName">Name of the key.</param>
/// <param name="KeyId">The short hash that tells keys of one name apart. No proof of anything.</param>
/// <param name="Signature">What stands behind the key id.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, ReadOnlyMemory<byte> Signature);
