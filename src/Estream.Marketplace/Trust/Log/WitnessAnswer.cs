namespace Estream.Marketplace.Trust.Log;

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
