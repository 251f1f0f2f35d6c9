using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A log's request to a witness to cosign a checkpoint that extends the last checkpoint the witness saw (C2SP tlog-witness,
/// add-checkpoint).</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class WitnessRequest
{
    /// <summary>The maximum size of a request, in bytes.</summary>
    public const int MaxBytes = SignedNote.MaxBytes + (LogProof.MaxHashes * 45) + 32;

    private readonly byte[] _path;
    private readonly byte[] _note;

    private WitnessRequest(long oldSize, byte[] path, byte[] note) => (OldSize, _path, _note) = (oldSize, path, note);

    /// <summary>The number of entries of the checkpoint that the log believes the witness saw last.</summary>
    public long OldSize { get; }

    /// <summary>The consistency proof from <see cref="OldSize"/>: concatenated hashes.</summary>
    public ReadOnlySpan<byte> Path => _path;

    /// <summary>The encoded signed checkpoint.</summary>
    public ReadOnlySpan<byte> Note => _note;

    /// <summary>Creates a request.</summary>
    /// <param name="oldSize">The number of entries that the witness saw last, or 0.</param>
    /// <param name="path">The consistency proof from that size.</param>
    /// <param name="note">The signed checkpoint.</param>
    public static WitnessRequest Create(long oldSize, ReadOnlySpan<byte> path, SignedNote note)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentNullException.ThrowIfNull(note);
        return path.Length % LogProof.HashBytes == 0 && path.Length <= LogProof.MaxHashes * LogProof.HashBytes
            ? new WitnessRequest(oldSize, path.ToArray(), note.Encode())
            : throw new ArgumentException(
                $"A proof must have at most {LogProof.MaxHashes} hashes of {LogProof.HashBytes} bytes; this one has {path.Length} bytes.",
                nameof(path));
    }

    /// <summary>Parses a request without examining its checkpoint. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes. Copied.</param>
    /// <param name="request">The request, if the bytes are valid.</param>
    /// <returns>True if the bytes are a request.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WitnessRequest? request)
    {
        request = null;
        int blank = bytes.Length <= MaxBytes ? bytes.IndexOf("\n\n"u8) : -1;
        if (blank < 0 || !Ascii.IsValid(bytes[..blank]))
        {
            return false;
        }

        string[] lines = Encoding.ASCII.GetString(bytes[..blank]).Split('\n');
        if (!lines[0].StartsWith("old ", StringComparison.Ordinal) || !Checkpoint.TryParseSize(lines[0][4..], out long oldSize)
            || lines.Length - 1 > LogProof.MaxHashes)
        {
            return false;
        }

        byte[] path = new byte[(lines.Length - 1) * LogProof.HashBytes];
        for (int at = 1; at < lines.Length; at++)
        {
            if (!Checkpoint.TryParseHash(lines[at], path.AsSpan((at - 1) * LogProof.HashBytes, LogProof.HashBytes)))
            {
                return false;
            }
        }

        request = new WitnessRequest(oldSize, path, bytes[(blank + 2)..].ToArray());
        return true;
    }

    /// <summary>Returns the encoded request.</summary>
    public byte[] Encode()
    {
        StringBuilder lines = new(string.Create(CultureInfo.InvariantCulture, $"old {OldSize}\n"));
        for (int at = 0; at < _path.Length; at += LogProof.HashBytes)
        {
            lines.Append(Convert.ToBase64String(_path, at, LogProof.HashBytes)).Append('\n');
        }

        return [.. Encoding.ASCII.GetBytes(lines.Append('\n').ToString()), .. _note];
    }
}

/// <summary>A witness's answer to a log.</summary>
/// <param name="Outcome">Whether the witness cosigned, or why not.</param>
/// <param name="KnownSize">The number of entries of the last cosigned checkpoint, if <see cref="WitnessOutcome.Conflict"/> reports that the
/// request named another size.</param>
/// <param name="Cosignatures">The cosignatures, if the witness cosigned.</param>
public sealed record WitnessAnswer(WitnessOutcome Outcome, long KnownSize, IReadOnlyList<NoteSignature> Cosignatures);

/// <summary>Whether a witness cosigned. Each value is the HTTP status that C2SP tlog-witness assigns to the outcome.</summary>
public enum WitnessOutcome
{
    /// <summary>The witness cosigned.</summary>
    Cosigned = 200,

    /// <summary>The request is malformed, or its old size is greater than the size of the checkpoint.</summary>
    BadRequest = 400,

    /// <summary>A required signature of the log is missing or does not verify.</summary>
    Forbidden = 403,

    /// <summary>The witness does not know the log.</summary>
    UnknownLog = 404,

    /// <summary>The witness last cosigned another size, or another root at this size. Two such checkpoints are evidence of a split
    /// view.</summary>
    Conflict = 409,

    /// <summary>The proof does not show that the log begins with the entries cosigned last.</summary>
    Unprocessable = 422,
}
