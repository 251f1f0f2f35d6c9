using System.Text;
using Estream.Crypto;

namespace Estream.Circuits;

/// <summary>
/// Verifies approvals of circuits (docs/formats/escir.md, "Approvals"): signatures over the bytes of the circuit's file, with a dedicated
/// signature context. Each approver counts once, however many signatures they supply. Stateless; thread-safe.
/// </summary>
public static class CircuitApproval
{
    /// <summary>The signature context of an approval; signed as UTF-8.</summary>
    public const string Context = "estream.circuit.approval.v1";

    /// <summary>The suffix of the approvals folder, after the name of the circuit's file.</summary>
    public const string FolderEnding = ".approvals";

    /// <summary>The suffix of approval files.</summary>
    public const string FileEnding = ".sig";

    /// <summary>The maximum number of files read, in the order of their names.</summary>
    public const int MaxFiles = 64;

    private static readonly byte[] s_context = Encoding.UTF8.GetBytes(Context);

    /// <summary>Returns the approvers whose valid approval a circuit has.</summary>
    /// <param name="circuit">The circuit, with its <see cref="Circuit.Approvals"/>.</param>
    /// <param name="approvers">The keys of the permitted approvers. A key that is listed twice counts once.</param>
    /// <returns>The keys of the permitted approvers with a valid approval.</returns>
    public static IReadOnlyList<IVerifier> Approvers(Circuit circuit, IEnumerable<IVerifier> approvers)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(approvers);
        byte[] file = Encoding.UTF8.GetBytes(circuit.Text);
        return [.. approvers
            .DistinctBy(approver => Convert.ToHexString(approver.PublicKey.Span), StringComparer.Ordinal)
            .Where(approver => circuit.Approvals.Any(approval => approver.Verify(file, s_context, approval.Span)))];
    }

    /// <summary>Returns the number of approvals that a circuit needs: as its file says, and at least as many as its category.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="categories">The approvals that a circuit of each governance category needs; null for none.</param>
    public static int Required(Circuit circuit, IReadOnlyDictionary<string, int>? categories)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        int least = circuit.GovernanceCategory is { } category && categories is not null && categories.TryGetValue(category, out int number)
            ? number
            : 0;
        return Math.Max(circuit.RequiredApprovals, least);
    }

    /// <summary>Checks whether a circuit has the approvals it requires.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="approvers">The keys of the permitted approvers.</param>
    /// <param name="categories">The approvals that a circuit of each governance category needs; null for none.</param>
    /// <returns>A text about the missing approvals and how to add them; null if the circuit has enough approvals.</returns>
    public static string? Missing(Circuit circuit, IEnumerable<IVerifier> approvers, IReadOnlyDictionary<string, int>? categories = null)
    {
        int required = Required(circuit, categories);
        if (required > 0 && circuit.HasSchemaFiles)
        {
            return $"{circuit} of the category '{circuit.GovernanceCategory}' needs {required} approvals, but its types are in other "
                + "files, which approvals do not cover. Declare the types under 'types'";
        }

        int given = required == 0 ? 0 : Approvers(circuit, approvers).Count;
        return given >= required
            ? null
            : $"{circuit} needs {required} approvals and has {given}. Have other approvers sign the file in its "
                + $"current form with 'estream sign FILE --key KEY --context {Context} --out "
                + $"FILE{FolderEnding}/WHO{FileEnding}'";
    }

    /// <summary>Reads the approval files next to a circuit's file. Files that cannot be signatures are skipped.</summary>
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
