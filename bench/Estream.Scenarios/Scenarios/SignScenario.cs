using System.Security.Cryptography;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Keys, signatures and verifications of ML-DSA-87, with the processor's widest vectors and (-avx2) without AVX-512.</summary>
internal sealed class SignScenario : IScenario
{
    // Ideal parallelism (1 / processors), plus a fifth for the caller.
    private static readonly Target s_pool = Target.AtMost(1.2 / Environment.ProcessorCount);

    public string Name => "sign";

    public string Summary => "ML-DSA-87: generate a key, sign 64 bytes, verify, sign and append";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Case("keygen", SignatureStep.Keygen),
        Case("sign", SignatureStep.Sign, new Target([Goal.Below(45_000), Goal.P99Below(160_000)], [Goal.Below(28_000)])),
        Case("verify", SignatureStep.Verify, new Target([Goal.Below(12_000)], [Goal.Below(6_000)])),
        Case("signed-append", SignatureStep.SignedAppend, new Target([Goal.Below(60_000)], [])),
        new ScenarioCase(
            "pool",
            Reference: "estream-1-thread",
            Contender.Managed("estream-1-thread", context => new SignerPoolContender(context, threads: 1)) with { IsWithoutFiles = true },
            Contender.Managed("estream", context => new SignerPoolContender(context, Environment.ProcessorCount)) with
            {
                Target = s_pool,
                IsWithoutFiles = true,
            }),
        new ScenarioCase("first", Reference: null,
            Contender.Managed("estream", context => new FirstSignatureContender(context)) with
            {
                Target = new Target([Goal.Below(20_000_000)], []),
                IsWithoutFiles = true,
            }),
        WithoutAvx512("keygen-avx2", SignatureStep.Keygen),
        WithoutAvx512("sign-avx2", SignatureStep.Sign, new Target([Goal.Below(80_000)], [Goal.Below(62_000)])),
        WithoutAvx512("verify-avx2", SignatureStep.Verify),
        WithoutAvx512("signed-append-avx2", SignatureStep.SignedAppend),
    ];

    private static ScenarioCase Case(string name, SignatureStep step, Target? target = null) =>
        new(name, Reference: null, [Product(step, target), .. Others(step)]);

    private static ScenarioCase WithoutAvx512(string name, SignatureStep step, Target? target = null) =>
        new(name, Reference: null, Product(step, target) with { WithoutAvx512 = true });

    private static Contender Product(SignatureStep step, Target? target) =>
        Contender.Managed("estream", context => new SignatureContender(context, step, SignatureContender.OfEstream())) with
        {
            Target = target,
        };

    private static IEnumerable<Contender> Others(SignatureStep step)
    {
        if (MLDsa.IsSupported)
        {
            yield return Contender.Managed("dotnet",
                context => new SignatureContender(context, step, new PlatformSignatures(), SignatureWorkload.SlowPortion)) with
            {
                IsPeer = true,
                Portion = SignatureWorkload.SlowPortion,
            };
        }

        if (step != SignatureStep.SignedAppend)
        {
            yield return Node("node-24", step, SignatureWorkload.SlowPortion);
            yield return Node("noble", step, SignatureWorkload.SlowestPortion);
        }
    }

    private static Contender Node(string implementation, SignatureStep step, int portion) =>
        Contender.Node(implementation, size => new SignatureWorkload(size, step).Arguments(portion)) with
        {
            IsPeer = true,
            Portion = portion,
        };
}

/// <summary>System.Security.Cryptography.MLDsa, if the platform's library supports it.</summary>
internal sealed class PlatformSignatures : ISignatures
{
    private readonly MLDsa _key = MLDsa.GenerateKey(MLDsaAlgorithm.MLDsa87);

    public int SignatureBytes => MLDsaAlgorithm.MLDsa87.SignatureSizeInBytes;

    public void Generate() => MLDsa.GenerateKey(MLDsaAlgorithm.MLDsa87).Dispose();

    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) => _key.SignData(data, signature, context);

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
        _key.VerifyData(data, signature, context);

    public void Dispose() => _key.Dispose();
}

/// <summary>A row of `sign` / `first`: in separate processes, from the first line of the program to the first signature.</summary>
internal sealed class FirstSignatureContender(ContenderContext context) : IContender
{
    private readonly Samples _samples = new(context.Size.Of(10, 2));
    private readonly string _program = FirstSigner.CopyTo(context.Directory);

    public RunResult Run()
    {
        for (int start = 0; start < _samples.Count; start++)
        {
            _samples.Set(start, 0, FirstSigner.Nanos(_program));
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose()
    {
    }
}
