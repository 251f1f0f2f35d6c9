namespace Estream.Marketplace.Tests.Resolution;

/// <summary>The choices of the resolver.</summary>
public sealed class ResolutionTests
{
    [Theory]
    [InlineData("lib 1.0.0 1.2.0 1.10.0 2.0.0\nworkspace: needs lib ^1", "lib 1.10.0")]
    [InlineData("lib 1.0.0 1.1.0-rc.1\nworkspace: needs lib ^1", "lib 1.0.0")]
    [InlineData("lib 1.0.0 1.1.0-rc.1\nworkspace: needs lib ^1.1.0-a", "lib 1.1.0-rc.1")]
    [InlineData("lib 1.0.0 1.1.0-rc.1\nworkspace: needs lib ^1\npolicy: pre-releases lib", "lib 1.1.0-rc.1")]
    [InlineData("lib 1.0.0 1.1.0\nworkspace: needs lib ^1; keeps lib 1.0.0", "lib 1.0.0")]
    [InlineData("lib 1.0.0 2.0.0\nworkspace: needs lib ^2; keeps lib 1.0.0", "lib 2.0.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: yanked broken\nworkspace: needs lib ^1", "lib 1.0.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: yanked broken\nworkspace: needs lib ^1; keeps lib 1.1.0", "lib 1.1.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: published 2026-11-23T11:00:00\nworkspace: needs lib ^1\npolicy: cooldown-hours 2", "lib 1.0.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: published 2026-11-23T10:00:00\nworkspace: needs lib ^1\npolicy: cooldown-hours 2", "lib 1.1.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: published 2026-11-23T11:00:00\nworkspace: needs lib ^1\npolicy: cooldown-hours 2; exempt lib",
        "lib 1.1.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: published 2026-11-23T11:00:00\nworkspace: needs lib ^1; keeps lib 1.1.0\npolicy: cooldown-hours 2",
        "lib 1.0.0")]
    [InlineData("lib 1.0.0\nlib 1.1.0: refused its key was revoked\nworkspace: needs lib ^1; keeps lib 1.1.0", "lib 1.0.0")]
    [InlineData("lib 1.0.0\nlib 2.0.0: tier commercial\nworkspace: needs lib *", "lib 1.0.0")]
    [InlineData("lib 1.0.0\nlib 2.0.0: tier commercial\nworkspace: needs lib *\npolicy: tier commercial", "lib 2.0.0")]
    [InlineData("lib 1.0.0\nlib 2.0.0: engine console >=1\nworkspace: needs lib *; engine console 0.9.0", "lib 1.0.0")]
    public void Resolver_chooses_the_expected_release(string universe, string taken) => Assert.Equal(taken, Told(universe));

    [Fact]
    public void Components_named_first_get_their_newest_version()
    {
        // Only one of a and b can have its newest version: the component that the workspace names first.
        const string Universe = "a 1.0.0: needs c ^1\na 2.0.0: needs c ^2\nb 1.0.0: needs c ^2\nb 2.0.0: needs c ^1\nc 1.0.0 2.0.0\n";
        Assert.Equal("c 2.0.0, a 2.0.0, b 1.0.0", Told(Universe + "workspace: needs a *; needs b *"));
        Assert.Equal("c 1.0.0, a 1.0.0, b 2.0.0", Told(Universe + "workspace: needs b *; needs a *"));
    }

    [Fact]
    public void Schema_comes_from_a_component_that_is_chosen_anyway()
    {
        const string Universe =
            "esf-iot 1.0.0: provides T\nesf-iot 2.0.0: provides T U\n@acme/iot 1.0.0: provides T\ngateway 1.0.0: schema T\nuser 1.0.0: "
            + "needs @acme/iot ^1\n";
        Assert.Equal("esf-iot 2.0.0, gateway 1.0.0", Told(Universe + "workspace: needs gateway ^1"));
        Assert.Equal("@acme/iot 1.0.0, gateway 1.0.0, user 1.0.0", Told(Universe + "workspace: needs gateway ^1; needs user ^1"));
    }

    [Fact]
    public void Schema_comes_from_a_version_in_the_required_range()
    {
        const string Universe =
            "doors 1.0.0 1.1.0 2.0.0: provides DoorOpened\ngateway 1.0.0: schema DoorOpened ^1.0\nworkspace: needs gateway ^1";
        Assert.Equal("doors 1.1.0, gateway 1.0.0", Told(Universe));
        Assert.Equal("doors 1.1.0, gateway 1.0.0", Told(Universe + "; needs doors *"));
    }

    [Fact]
    public void Unrelated_component_is_not_chosen_for_claiming_a_schema()
    {
        const string Universe = "@mallory/iot 99.0.0: provides T\ngateway 1.0.0: schema T\n";
        Assert.False(UniverseText.Read(Universe + "workspace: needs gateway ^1").Resolve().IsResolved);
        Assert.Equal("@mallory/iot 99.0.0, gateway 1.0.0", Told(Universe + "workspace: needs gateway ^1; needs @mallory/iot *"));
    }

    // The cooldown applies to requested components, dependencies, schema providers and locked versions alike.
    [Theory]
    [InlineData("lib 1.0.0: FRESH\nworkspace: needs lib ^1")]
    [InlineData("lib 1.0.0: FRESH\napp 1.0.0: needs lib ^1\nworkspace: needs app ^1")]
    [InlineData("lib 1.0.0: FRESH; provides T\nworkspace: schema T")]
    [InlineData("lib 1.0.0: FRESH; provides T\napp 1.0.0: schema T ^1\nworkspace: needs app ^1")]
    [InlineData("lib 1.0.0: FRESH\nworkspace: needs lib ^1; keeps lib 1.0.0")]
    public void Cooldown_blocks_fresh_release_on_every_path_to_it(string universe)
    {
        ArgumentNullException.ThrowIfNull(universe);
        string fresh = universe.Replace("FRESH", "published 2026-11-23T11:00:00", StringComparison.Ordinal) + "\npolicy: cooldown-hours 2";
        ResolutionResult result = UniverseText.Read(fresh).Resolve();
        Assert.False(result.IsResolved);
        Assert.Contains("the cooldown of this workspace is 2 hours", result.Conflict.ToString(), StringComparison.Ordinal);
        Assert.Contains("lib 1.0.0", Told(fresh + "; exempt lib"), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolved_set_lists_dependents_and_schema_providers()
    {
        ResolvedSet set = UniverseText.Read(
            "esf-iot 1.0.0: provides T\nwire-mqtt 1.0.0: schema T; needs base ^1\nbase 1.0.0\nworkspace: needs wire-mqtt ^1")
                .Resolve().Set!;
        Assert.Equal(["base 1.0.0", "esf-iot 1.0.0", "wire-mqtt 1.0.0"], set.Components.Select(component => component.Release.ToString()));
        Assert.Equal([false, false, true], set.Components.Select(component => component.IsDirect));
        Assert.Equal("wire-mqtt", Assert.Single(set.Components[1].NeededBy).ToString());
        Assert.Equal("esf-iot", set.Schemas["T"].ToString());
        Assert.True(set.Steps > 0);
    }

    [Fact]
    public void Chain_of_thousands_is_resolved_and_its_conflict_explained()
    {
        string chain = string.Join('\n', Enumerable.Range(0, 5_000).Select(i => $"c{i} 1.0.0: needs c{i + 1} ^1"));
        Assert.Equal(5_001, UniverseText.Read(chain + "\nc5000 1.0.0\nworkspace: needs c0 ^1").Resolve().Set!.Components.Count);
        ResolutionConflict conflict = UniverseText.Read(chain + "\nc5000 1.0.0 2.0.0\nworkspace: needs c0 ^1; needs c5000 ^2")
            .Resolve().Conflict!;
        Assert.False(conflict.IsUndecided);
        Assert.True(conflict.Explanation.Count < 100, $"{conflict.Explanation.Count} lines");
        Assert.Contains("steps omitted", conflict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_throws_for_invalid_arguments()
    {
        UniverseText universe = UniverseText.Read("lib 1.0.0\nworkspace: needs lib ^1; needs lib ^2");
        Assert.Contains("required twice", Assert.Throws<ArgumentException>(universe.Resolve).Message, StringComparison.Ordinal);
        Assert.Contains("listed twice", Assert.Throws<ArgumentException>(() => UniverseText.Read("lib 1.0.0 1.0.0").Catalog).Message,
            StringComparison.Ordinal);
    }

    private static string Told(string universe)
    {
        ResolutionResult result = UniverseText.Read(universe).Resolve();
        Assert.True(result.IsResolved, result.Conflict?.ToString());
        return string.Join(", ", result.Set.Components.Select(component => component.Release.ToString()));
    }
}
