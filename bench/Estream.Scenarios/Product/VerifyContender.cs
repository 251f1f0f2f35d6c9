using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A row of `marketplace-verify`: in processes of their own, the processor time from start to end of one that verifies a bundle with its package.</summary>
internal sealed class VerifyContender : IContender
{
    private const int Files = 80, FileBytes = 64 << 10;

    private readonly string _bundle, _keys;
    private readonly long _starts;

    public VerifyContender(ContenderContext context)
    {
        _starts = context.Size.Of(10, 1);
        SampleRegistry sample = SampleRegistry.MakeAsync(context.Directory, components: 1, (int)context.Size.Of(Files, 2), (int)context.Size.Of(FileBytes, 100)).GetAwaiter().GetResult();
        RegistryRelease release = sample.Releases[0];
        byte[] package = sample.Registry.ReadPackageAsync(release, default).AsTask().GetAwaiter().GetResult();
        byte[] bytes = sample.Registry.ReadBundleAsync(release, default).AsTask().GetAwaiter().GetResult();
        if (!ComponentBundle.TryRead(bytes, out ComponentBundle? bundle, out string? reason))
        {
            throw new ScenarioException($"the bundle of the benchmark cannot be read: {reason}");
        }

        (_bundle, _keys) = (Path.Combine(context.Directory, "component.escb"), Path.Combine(context.Directory, "keys"));
        File.WriteAllBytes(_bundle, bundle.WithPackage(package).Encode());
        File.WriteAllLines(_keys, sample.KeyLines);
    }

    public RunResult Run()
    {
        long nanos = 0;
        for (long start = 0; start < _starts; start++)
        {
            nanos += ColdVerifier.Nanos(_bundle, _keys);
        }

        return new RunResult(_starts, Math.Max(1, nanos)) { Check = (ulong)_starts };
    }

    public void Dispose()
    {
    }
}
