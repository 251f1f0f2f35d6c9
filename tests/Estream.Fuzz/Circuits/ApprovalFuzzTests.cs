using System.Text;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Fuzz.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damages approval files next to a circuit and adds other files: only a whole approval counts, and only for the circuit file as
/// it was signed. A failure names the seed that repeats it.</summary>
public sealed class ApprovalFuzzTests : IDisposable
{
    private const string Text = """
        escir_version: "0.8.0"
        name: acme.approved.v1
        version: "1.0.0"
        annotations: { governance: { approvals: 2 } }
        types: [{ name: Reading, fields: [{ name: value, type: f64 }] }]
        inputs: [{ name: readings, type: Reading }]
        outputs: [{ name: high, type: Reading }]
        compute: [{ id: big, type: filter, when: value > 1.0 }]
        flows: [readings -> big -> high]

        """;

    private readonly TempDirectory _directory = new();

    // The owner of the last key may not approve.
    private readonly MlDsa87PrivateKey[] _keys = [MlDsa87PrivateKey.Generate(), MlDsa87PrivateKey.Generate(), MlDsa87PrivateKey.Generate()];
    private readonly byte[][] _signatures;

    public ApprovalFuzzTests()
    {
        _signatures = [.. _keys.Select(Sign)];
    }

    private string FilePath => _directory.Combine("approved.circuit.yaml");

    public void Dispose()
    {
        Array.ForEach(_keys, key => key.Dispose());
        _directory.Dispose();
    }

    [Fact]
    public void Only_undamaged_approvals_of_the_current_file_count()
    {
        IVerifier[] approvers = [_keys[0].PublicKey, _keys[1].PublicKey];
        (int enough, int few) = (0, 0);
        for (int seed = 0; seed < LongRun.Count(400, 40_000); seed++)
        {
            Random random = new(seed);
            bool isOther = random.Next(8) == 0;
            File.WriteAllText(FilePath, isOther ? Text + "# another one\n" : Text);
            List<byte[]> approvals = WriteApprovals(random, seed);
            bool[] expected = [.. approvers.Select((_, number) =>
                !isOther && approvals.Exists(approval => approval.AsSpan().SequenceEqual(_signatures[number])))];
            try
            {
                Circuit circuit = Circuit.Load(FilePath);
                IReadOnlyList<IVerifier> found = CircuitApproval.Approvers(circuit, approvers);
                Assert.Equal(expected, approvers.Select(approver => found.Contains(approver)));
                Assert.Equal(expected.All(one => one), CircuitApproval.Missing(circuit, approvers) is null);
                (enough, few) = expected.All(one => one) ? (enough + 1, few) : (enough, few + 1);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"seed {seed}: {string.Join(' ', approvals.Select(approval => Convert.ToHexString(approval)))}", failure);
            }
        }

        Assert.True(enough > 0 && few > 0,
            $"{enough} times there were enough, and {few} times too few: the damage does not produce both outcomes");
    }

    private byte[] Sign(MlDsa87PrivateKey key)
    {
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        key.Sign(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(CircuitApproval.Context), signature);
        return signature;
    }

    /// <summary>Writes some approval files, whole and damaged, and one file whose name is not that of an approval.</summary>
    /// <returns>The contents of the files whose name is that of an approval.</returns>
    private List<byte[]> WriteApprovals(Random random, int seed)
    {
        string folder = FilePath + CircuitApproval.FolderEnding;
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        List<byte[]> written = [];
        for (int file = random.Next(5); file >= 0; file--)
        {
            byte[] content = random.Next(2) == 0
                ? _signatures[random.Next(_signatures.Length)]
                : new Bytes((seed * 5) + file).Damaged(_signatures);
            File.WriteAllBytes(Path.Combine(folder, $"{file}{CircuitApproval.FileEnding}"), content);
            written.Add(content);
        }

        File.WriteAllBytes(Path.Combine(folder, $"no{CircuitApproval.FileEnding}.txt"), _signatures[random.Next(2)]);
        return written;
    }
}
