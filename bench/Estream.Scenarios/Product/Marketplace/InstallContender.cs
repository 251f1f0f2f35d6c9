using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Workspaces;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>`marketplace-install` by the product: a workspace of twenty components, each fetched from a registry and verified by its bundle
/// unless the cache has it.</summary>
internal sealed class InstallContender : Batches
{
    public const int Components = 20;

    private const int Files = 24, FileBytes = 16 << 10;

    private readonly string _directory;
    private readonly bool _isWarm;
    private readonly SampleRegistry _sample;
    private readonly Dictionary<string, RegistryRelease> _byRoot;
    private readonly BundleVerifier _verifier;
    private int _rounds;
    private ulong _installed;

    public InstallContender(ContenderContext context, bool isWarm)
        : base(operations: 1, batchOperations: 1)
    {
        (_directory, _isWarm) = (context.Directory, isWarm);
        _sample = SampleRegistry.MakeAsync(context.Directory, Components, (int)context.Size.Of(Files, 2),
            (int)context.Size.Of(FileBytes, 100)).GetAwaiter().GetResult();
        _byRoot = _sample.Releases.ToDictionary(release => release.Root256);
        _verifier = new BundleVerifier(_sample.Trust, SystemClock.Instance, TimeSpan.FromDays(1));
        if (isWarm)
        {
            Install("first").GetAwaiter().GetResult();
        }
    }

    // Pool threads read files.
    protected override bool HasHelpers => true;

    private string Cache => Path.Combine(_directory, _isWarm ? "cache" : $"cache-{_rounds}");

    public override void Dispose()
    {
    }

    protected override void BeforeRound()
    {
        // The files of the previous round are not needed any more, and would fill the disk.
        if (_rounds > 0)
        {
            Directory.Delete(Path.Combine(_directory, $"workspace-{_rounds}"), recursive: true);
            if (!_isWarm)
            {
                Directory.Delete(Cache, recursive: true);
            }
        }

        _rounds++;
        _installed = 0;
    }

    protected override void Batch(int count) => Install($"workspace-{_rounds}").GetAwaiter().GetResult();

    protected override ulong CheckOfRound() => _installed;

    private async Task Install(string workspace)
    {
        WorkspaceInstaller installer = new(new WorkspaceFolder(Path.Combine(_directory, workspace)), new ComponentCache(Cache));
        WorkspaceInstallResult result = await installer.InstallAsync(_sample.Lock, FetchAsync, isApproved: true, new Counted(this))
            .ConfigureAwait(false);
        if (result.Status != WorkspaceInstallStatus.Installed)
        {
            throw new ScenarioException($"the integration was not installed: {result.Status} {result.Message}");
        }
    }

    private async ValueTask<Stream> FetchAsync(LockedComponent component, CancellationToken cancellation)
    {
        RegistryRelease release = _byRoot[component.Root256];
        MemoryStream package = new(await _sample.Registry.ReadPackageAsync(release, cancellation).ConfigureAwait(false));
        byte[] bytes = await _sample.Registry.ReadBundleAsync(release, cancellation).ConfigureAwait(false);
        if (!ComponentBundle.TryRead(bytes, out ComponentBundle? bundle, out string? reason)
            || !(_verifier.Verify(bundle, package) is { IsAccepted: true } verdict && verdict.Release.Root256 == component.Root256))
        {
            throw new ScenarioException($"the bundle of {component} does not verify: {reason}");
        }

        package.Position = 0;
        return package;
    }

    private sealed class Counted(InstallContender contender) : IProgress<InstallProgress>
    {
        public void Report(InstallProgress value) => contender._installed += value.WasCached == contender._isWarm ? 1UL : 0UL;
    }
}
