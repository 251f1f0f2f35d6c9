using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>The cases of `resolve` choose the versions their catalogs are built for: all newest, or some not.</summary>
public sealed class ResolveTests
{
    [Fact]
    public void Without_conflicts_every_component_is_the_newest() =>
        Assert.Equal(ResolveContender.FewComponents * 1_000_000UL, Check(hasConflicts: false));

    [Fact]
    public void With_conflicts_every_component_is_resolved_and_some_are_not_the_newest()
    {
        ulong check = Check(hasConflicts: true);
        Assert.Equal((ulong)ResolveContender.FewComponents, (check / 1_000_000) + (check % 1_000_000));
        Assert.InRange(check % 1_000_000, 1UL, 20UL);
    }

    private static ulong Check(bool hasConflicts)
    {
        using TempDirectory directory = new();
        using ResolveContender contender = new(new ContenderContext(directory.Path, RunSize.Tiny), hasConflicts);
        return contender.Run().Check!.Value;
    }
}
