using Estream.Core;
using Estream.Marketplace;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>`resolve` by the product: the catalog is created once, every resolution starts from the beginning.</summary>
internal sealed class ResolveContender(ContenderContext context, bool hasConflicts) : Batches(context.Size.Of(2, 1), batchOperations: 1)
{
    public const int Components = 5_000;

    public const int FewComponents = 60;

    private readonly ComponentCatalog _catalog = ComponentUniverse.Catalog((int)context.Size.Of(Components, FewComponents), hasConflicts);
    private ulong _check;

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _check = 0;

    protected override void Batch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            ResolutionResult result = ComponentResolver.Resolve(_catalog, ComponentUniverse.Request, SystemClock.Instance);
            if (!result.IsResolved)
            {
                throw new ScenarioException(result.Conflict.ToString());
            }

            // The sum covers every component, and distinguishes components of the last major version from the others.
            foreach (ResolvedComponent component in result.Set.Components)
            {
                _check += component.Release.Version.Major == ComponentUniverse.Majors ? 1_000_000UL : 1UL;
            }
        }
    }

    protected override ulong CheckOfRound() => _check;
}
