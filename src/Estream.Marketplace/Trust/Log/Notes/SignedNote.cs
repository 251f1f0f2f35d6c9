using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A text with signatures: a C2SP signed-note. Parsing does not verify the signatures.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class SignedNote
{
    /// <summary>The maximum size of a note, in bytes: enough for <see cref="MaxSignatures"/> ML-DSA-87 signatures.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>The maximum number of signatures in a note.</summary>
    public const int MaxSignatures = 32;

    private const int KeyIdBytes = 4;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _text;

    private SignedNote(byte[] text, IReadOnlyList<NoteSignature> signatures)
    {
        _text = text;
        Signatures = signatures;
    }

    /// <summary>The signed bytes: the text including its last line feed.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>The signatures, in the order of the note.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    // An em dash and a space.
    private static ReadOnlySpan<byte> LineStart => "— "u8;

    /// <summary>Parses a note. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes. Copied.</param>
    /// <param name="note">The note, if the bytes are valid.</param>
    /// <param name="fault">Why the bytes are not a note.</param>
    /// <returns>True if the bytes are a note.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SignedNote? note, out NoteFault fault)
    {
        note = null;
        fault = CheckCharacters(bytes);
        if (fault != NoteFault.None)
        {
            return false;
        }

        // The last blank line ends the text, so the text itself may contain blank lines.
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

    /// <summary>Parses signature lines, the form of a witness's answer.</summary>
    /// <param name="lines">The untrusted lines, each ending with a line feed.</param>
    /// <param name="signatures">The signatures, if all lines are valid.</param>
    /// <returns>True if all lines are signatures.</returns>
    public static bool TryParseSignatures(ReadOnlySpan<byte> lines, [NotNullWhen(true)] out IReadOnlyList<NoteSignature>? signatures)
    {
        List<NoteSignature> read = [];
        bool isWhole = CheckCharacters(lines) == NoteFault.None && lines.EndsWith("\n"u8) && ReadSignatures(lines, read) == NoteFault.None;
        signatures = isWhole ? read : null;
        return isWhole;
    }

    /// <summary>Creates a note.</summary>
    /// <param name="text">The text, ending with a line feed.</param>
    /// <param name="signatures">The signatures, at least one.</param>
    /// <exception cref="ArgumentException">The encoded note could not be parsed.</exception>
    public static SignedNote Create(ReadOnlySpan<byte> text, IReadOnlyList<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        SignedNote note = new(text.ToArray(), [.. signatures]);
        return TryParse(note.Encode(), out _, out NoteFault fault)
            ? note
            : throw new ArgumentException($"The text and the signatures do not form a valid note: {fault}.", nameof(text));
    }

    /// <summary>Returns this note with more signatures at the end; a signature that the note already has is not repeated.</summary>
    /// <param name="signatures">The signatures to add.</param>
    /// <exception cref="ArgumentException">There would be too many signatures, or the encoded note could not be parsed.</exception>
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

    /// <summary>Returns the encoded note.</summary>
    public byte[] Encode() => [.. _text, (byte)'\n', .. EncodeSignatures(Signatures)];

    /// <summary>Returns the encoded signature lines, as they follow a text.</summary>
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

    // Accepts more names than NoteKey does: a foreign signature must be ignored, not invalidate the note.
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

        // White space, or set bits after the last byte, would give one signature two encodings.
        if (!IsKeyName(name) || Base64.DecodeFromUtf8(base64, bytes, out _, out int length) != System.Buffers.OperationStatus.Done
            || length <= KeyIdBytes
            || !base64.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes, 0, length))))
        {
            return null;
        }

        return new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(KeyIdBytes, length - KeyIdBytes));
    }
}

/// <summary>Why bytes are not a signed note, or not a checkpoint.</summary>
public enum NoteFault
{
    /// <summary>The bytes are valid.</summary>
    None,

    /// <summary>The note is longer than <see cref="SignedNote.MaxBytes"/>.</summary>
    TooLong,

    /// <summary>The bytes are not UTF-8, or contain a control character other than the line feed.</summary>
    Characters,

    /// <summary>There is no blank line followed by signatures, or the last line is incomplete.</summary>
    NoSignatures,

    /// <summary>The note has more than <see cref="SignedNote.MaxSignatures"/> signatures.</summary>
    TooManySignatures,

    /// <summary>A signature line is not a dash, a name, and the base64 of at least five bytes.</summary>
    SignatureLine,

    /// <summary>The text does not have exactly three lines: origin, size, root.</summary>
    Lines,

    /// <summary>The size is not a decimal number below 2^63 without leading zeros.</summary>
    Size,

    /// <summary>The root is not the base64 of 32 bytes.</summary>
    Root,
}

/// <summary>A signature of a note, not verified.</summary>
/// <param name="KeyName">The name of the key.</param>
/// <param name="KeyId">The short hash that distinguishes keys of the same name. It proves nothing.</param>
/// <param name="Signature">The bytes after the key id.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, ReadOnlyMemory<byte> Signature);
