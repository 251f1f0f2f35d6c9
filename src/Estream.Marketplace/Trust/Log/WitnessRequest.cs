using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>What a log asks of a witness: to cosign a checkpoint that goes on from the one it saw last (C2SP tlog-witness,
/// add-checkpoint).</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class WitnessRequest
{
    /// <summary>The most bytes a request may have.</summary>
    public const int MaxBytes = SignedNote.MaxBytes + (LogProof.MaxHashes * 45) + 32;

    private readonly byte[] _path;
    private readonly byte[] _note;

    private WitnessRequest(long oldSize, byte[] path, byte[] note) => (OldSize, _path, _note) = (oldSize, path, note);

    /// <summary>Entries of the checkpoint that the witness is thought to have seen last.</summary>
    public long OldSize { get; }

    /// <summary>The proof that the log begins with them: hashes one behind the other.</summary>
    public ReadOnlySpan<byte> Path => _path;

    /// <summary>The signed checkpoint, as bytes.</summary>
    public ReadOnlySpan<byte> Note => _note;

    /// <summary>Asks.</summary>
    /// <param name="oldSize">Entries the witness saw last, or 0.</param>
    /// <param name="path">The proof of consistency from there.</param>
    /// <param name="note">The checkpoint.</param>
    public static WitnessRequest Create(long oldSize, ReadOnlySpan<byte> path, SignedNote note)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentNullException.ThrowIfNull(note);
        return path.Length % LogProof.HashBytes == 0 && path.Length <= LogProof.MaxHashes * LogProof.HashBytes
            ? new WitnessRequest(oldSize, path.ToArray(), note.Encode())
            : throw new ArgumentException(
                $"A proof has at most {LogProof.MaxHashes} hashes of {LogProof.HashBytes} bytes; these are {path.Length} bytes.",
                nameof(path));
    }

    /// <summary>Reads a request. Whatever it is given, it answers and does not throw; the checkpoint in it is not looked at.</summary>
    /// <param name="bytes">From anywhere. Copied.</param>
    /// <param name="request">The request, if they are one.</param>
    /// <returns>Whether they are one.</returns>
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

    /// <summary>The bytes of the request.</summary>
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

/// <summary>What a witness answers a log.</summary>
/// <param name="Outcome">Whether it has cosigned, or why not.</param>
/// <param name="KnownSize">Entries of the checkpoint that it has cosigned last, where <see cref="WitnessOutcome.Conflict"/> says that
/// another was named.</param>
/// <param name="Cosignatures">Its cosignatures, where it has cosigned.</param>
public sealed record WitnessAnswer(WitnessOutcome Outcome, long KnownSize, IReadOnlyList<NoteSignature> Cosignatures);

/// <summary>Whether a witness has cosigned. Each is a status of HTTP in C2SP tlog-witness, whose number is its value.</summary>
public enum WitnessOutcome
{
    /// <summary>It has.</summary>
    Cosigned = 200,

    /// <summary>The request has no form that it reads, or an old size above that of the checkpoint.</summary>
    BadRequest = 400,

    /// <summary>A key of the log has not signed, or what stands as its signature does not verify.</summary>
    Forbidden = 403,

    /// <summary>It does not know the log.</summary>
    UnknownLog = 404,

    /// <summary>It has last cosigned another size, or another root at this size: two such checkpoints are the evidence of a split
    /// view.</summary>
    Conflict = 409,

    /// <summary>The proof does not show that the log begins with what was cosigned last.</summary>
    Unprocessable = 422,
}
