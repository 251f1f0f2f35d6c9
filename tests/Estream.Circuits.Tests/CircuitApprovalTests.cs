using Estream.Crypto;
using Estream.Esf;

namespace Estream.Circuits.Tests;

/// <summary>A circuit that requires approvals runs only with enough valid approvals of its current file.</summary>
public sealed class CircuitApprovalTests : CircuitCase
{
    private const string Copies = """
        annotations: { governance: { approvals: 2 } }
        inputs: [{ name: in, type: Reading }]
        outputs: [{ name: out, type: Reading }]
        compute: [{ id: all, type: filter, when: "true" }]
        flows: [in -> all -> out]
        """;

    private readonly MlDsa87PrivateKey _anna = MlDsa87PrivateKey.Generate();
    private readonly MlDsa87PrivateKey _ben = MlDsa87PrivateKey.Generate();
    private readonly MlDsa87PrivateKey _stranger = MlDsa87PrivateKey.Generate();

    private string FilePath => Directory.Combine("copies.circuit.yaml");

    public override void Dispose()
    {
        _anna.Dispose();
        _ben.Dispose();
        _stranger.Dispose();
        base.Dispose();
    }

    [Fact]
    public void A_circuit_without_its_required_approvals_is_refused()
    {
        Circuit circuit = Load();
        Assert.Equal((2, 0), (circuit.RequiredApprovals, circuit.Approvals.Count));
        string refused = Refused(circuit);
        Assert.StartsWith("acme.test.v1 1.2.3 needs 2 approvals and has 0. Have other approvers sign", refused, StringComparison.Ordinal);
        Assert.Contains("--context estream.circuit.approval.v1 --out FILE.approvals/WHO.sig", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicate_and_unauthorized_approvals_do_not_count()
    {
        Approve("anna", _anna);
        Approve("anna-again", _anna);
        Approve("stranger", _stranger);
        Circuit circuit = Load();
        Assert.Equal(3, circuit.Approvals.Count);
        Assert.Equal(_anna.PublicKey.PublicKey.ToArray(),
            Assert.Single(CircuitApproval.Approvers(circuit, [_anna.PublicKey, _anna.PublicKey, _ben.PublicKey])).PublicKey.ToArray());
        Assert.Contains("approvals and has 1.", Refused(circuit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_approvals_suffice_until_the_file_changes()
    {
        Approve("anna", _anna);
        Approve("ben", _ben);
        Circuit approved = Load();
        await using (CircuitRuntime runtime = Runtime())
        {
            _ = runtime.Open(approved.Bind(new Dictionary<string, CircuitFunction>()));
        }

        File.AppendAllText(FilePath, "\n# a word more\n");
        Assert.Contains("approvals and has 0.", Refused(Circuit.Load(FilePath)), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_signatures_are_not_approvals()
    {
        _ = Load();
        Approve("anna", _anna);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        _ben.Sign(File.ReadAllBytes(FilePath), default, signature);
        File.WriteAllBytes(Path.Combine(FilePath + ".approvals", "ben.sig"), signature);
        File.WriteAllBytes(Path.Combine(FilePath + ".approvals", "short.sig"), signature[1..]);
        File.WriteAllBytes(Path.Combine(FilePath + ".approvals", "ben.txt"), signature);
        Circuit circuit = Load();
        Assert.Equal(2, circuit.Approvals.Count);
        Assert.Contains("approvals and has 1.", Refused(circuit), StringComparison.Ordinal);

        // A flip of any bit invalidates the signature.
        byte[] good = [.. circuit.Approvals[0].Span];
        for (int i = 0; i < good.Length; i += 211)
        {
            byte[] bad = [.. good];
            bad[i] ^= 1;
            Assert.Empty(CircuitApproval.Approvers(circuit.WithApprovals([bad]), [_anna.PublicKey]));
        }
    }

    private CircuitRuntime Runtime() => new(new CircuitRuntimeOptions { Resources = Resources,
        Approvers = [_anna.PublicKey, _ben.PublicKey] });

    private string Refused(Circuit circuit)
    {
        CircuitRuntime runtime = Runtime();
        string message = Assert.Throws<ArgumentException>(() => runtime.Open(circuit)).Message;
        Assert.Empty(runtime.Circuits);
        return message;
    }

    private Circuit Load()
    {
        File.WriteAllText(FilePath, Head + Copies);
        return Circuit.Load(FilePath, EsfSchemaSet.BuiltIn);
    }

    private void Approve(string who, MlDsa87PrivateKey key)
    {
        _ = Load();
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        key.Sign(File.ReadAllBytes(FilePath), System.Text.Encoding.UTF8.GetBytes(CircuitApproval.Context), signature);
        System.IO.Directory.CreateDirectory(FilePath + CircuitApproval.FolderEnding);
        File.WriteAllBytes(Path.Combine(FilePath + CircuitApproval.FolderEnding, who + CircuitApproval.FileEnding), signature);
    }
}
