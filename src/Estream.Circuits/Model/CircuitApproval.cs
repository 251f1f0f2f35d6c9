using System.Text;
using Estream.Crypto;

namespace Estream.Circuits;

/// <summary>
/// Approvals of circuits (docs/formats/escir.md, "Approvals"): signatures over the bytes of the circuit's file, with a context of their
/// own. Each approver counts once, whatever they sign how often. Thread-safe; holds no state.
/// </summary>
public static class CircuitApproval
{
    /// <summary>What an approval is signed for: the context of the signature, in UTF-8.</summary>
    public const string Context = "estream.circuit.approval.v1";

    /// <summary>What the folder of the approvals is called behind the name of the circuit's file.</summary>
    public const string FolderEnding = ".approvals";

    /// <summary>What the files of approvals end with.</summary>
    public const string FileEnding = ".sig";

    /// <summary>So many files are read at most, in the order of their names.</summary>
    public const int MaxFiles = 64;

    private static readonly byte[] s_context = Encoding.UTF8.GetBytes(Context);

    /// <summary>Who of those that may has approved of a circuit.</summary>
    /// <param name="circuit">The circuit, with its <see cref="Circuit.Approvals"/>.</param>
    /// <param name="approvers">Those that may; a key that is named twice counts once.</param>
    /// <returns>Their keys.</returns>
    public static IReadOnlyList<IVerifier> Approvers(Circuit circuit, IEnumerable<IVerifier> approvers)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(approvers);
        byte[] file = Encoding.UTF8.GetBytes(circuit.Text);
        return [.. approvers
            .DistinctBy(approver => Convert.ToHexString(approver.PublicKey.Span), StringComparer.Ordinal)
            .Where(approver => circuit.Approvals.Any(approval => approver.Verify(file, s_context, approval.Span)))];
    }

    /// <summary>Why a circuit may not run for want of approvals.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="approvers">Those that may approve.</param>
    /// <returns>What is missing and what to do; null where enough have approved.</returns>
    public static string? Missing(Circuit circuit, IEnumerable<IVerifier> approvers)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        int given = circuit.RequiredApprovals == 0 ? 0 : Approvers(circuit, approvers).Count;
        return given >= circuit.RequiredApprovals
            ? null
            : $"{circuit} needs {circuit.RequiredApprovals} approvals, and has {given} of those who may approve: have the file signed as "
                + $"it is now by others of them, with 'estream sign FILE --key KEY --context {Context} --out "
                + $"FILE{FolderEnding}/WHO{FileEnding}'";
    }

    /// <summary>Reads what lies beside a circuit's file; what cannot be an approval is left out.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> ReadBeside(string path)
    {
        string folder = path + FolderEnding;
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "*" + FileEnding).Order(StringComparer.Ordinal).Take(MaxFiles)
                .Where(file => new FileInfo(file).Length == MlDsa87.SignatureBytes)
                .Select(file => new ReadOnlyMemory<byte>(File.ReadAllBytes(file)))];
    }
}
