using Estream.Esf.Schema;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Marketplace.Registries.Oci;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;
using Estream.Testing;
using static Estream.Marketplace.Tests.Client.ClientRig;

namespace Estream.Marketplace.Tests.Client;

/// <summary>From registries to an installed workspace: only signed releases and approved changes are installed.</summary>
public sealed class MarketplaceClientTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly ClientRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Install_resolves_verifies_asks_for_approval_and_writes_the_lock()
    {
        await _rig.PublishAsync(Card("1.0.0", "network"), Iot("1.2.0"), Iot("1.3.0"));
        WorkspacePlan plan = await _rig.PlanAsync();
        Assert.True(plan.IsReady, plan.Message);
        Assert.Equal(
            [
                "@acme/card 1.0.0 runs inside the host", "@acme/card 1.0.0 asks for the permission network",
                "esf-iot 1.3.0 is a new dependency, needed by @acme/card, the schema IoTReading", "esf-iot 1.3.0 runs inside the host",
            ],
            plan.Change.Reasons.Select(reason => reason.Split(" with all rights")[0]));
        WorkspaceInstallResult asked = await _rig.Client().ApplyAsync(plan, isApproved: false, null, s_none);
        Assert.Equal(WorkspaceInstallStatus.NeedsApproval, asked.Status);
        Assert.False(File.Exists(_rig.Workspace.LockPath));

        Assert.Equal(WorkspaceInstallStatus.Installed, (await _rig.Client().ApplyAsync(plan, isApproved: true, null, s_none)).Status);
        LockedComponent card = _rig.Workspace.ReadLock()!.Find(ComponentName.Parse("@acme/card"))!;
        Assert.Equal((_rig.Registry.Name, 1L), (card.Source, card.LogIndex));
        Assert.Equal(["network"], card.Permissions);
        Assert.True(card.RunsInHost);
        Assert.Equal("code of @acme/card 1.0.0",
            File.ReadAllText(Path.Combine(_rig.Cache.FolderOf(card.Root256), "lib", "Acme.Wire.Doors.dll")));
        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await _rig.InstallAsync()).Status);
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task A_tier_that_falls_since_the_lock_is_approved_again()
    {
        _rig.Registry.Policy["wire-adapter"] = new CategoryPolicy(0, [], TrustTier.Verified);
        _rig.Registry.Rules.Add(new TierRule(ComponentPattern.Parse("@acme/*"), TrustTier.Core));
        await _rig.PublishAsync(Card(), Iot());
        await _rig.InstallAsync();
        Assert.Equal((TrustTier.Verified, TrustTier.Experimental), (TierOf("@acme/card"), TierOf("esf-iot")));

        _rig.Registry.Policy["wire-adapter"] = new CategoryPolicy(0, [], TrustTier.Community);
        await _rig.Registry.ChangePolicyAsync(_rig.Directory);
        WorkspacePlan locked = await _rig.Client().PlanLockedAsync(Manifest("\"@acme/card\" = \"^1\"\n"), s_none);
        Assert.Equal(WorkspacePlanStatus.LockOutdated, locked.Status);
        Assert.StartsWith("@acme/card 1.0.0 has the lower tier community in the policy of ", locked.Message, StringComparison.Ordinal);
        WorkspacePlan plan = await _rig.PlanAsync();
        Assert.Equal([locked.Message.Split(". ")[0]], plan.Change!.Reasons);
        Assert.Equal(WorkspaceInstallStatus.NeedsApproval, (await _rig.Client().ApplyAsync(plan, false, null, s_none)).Status);
        Assert.Equal(TrustTier.Verified, TierOf("@acme/card"));
        Assert.Equal(WorkspaceInstallStatus.Installed, (await _rig.InstallAsync()).Status);
        Assert.Equal(TrustTier.Community, TierOf("@acme/card"));

        _rig.Registry.Policy["wire-adapter"] = new CategoryPolicy(0, [], TrustTier.Core);
        await _rig.Registry.ChangePolicyAsync(_rig.Directory);
        locked = await _rig.Client().PlanLockedAsync(Manifest("\"@acme/card\" = \"^1\"\n"), s_none);
        Assert.True(locked.IsReady, locked.Message);
        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await _rig.InstallAsync()).Status);
        Assert.Equal(TrustTier.Core, TierOf("@acme/card"));

        TrustTier? TierOf(string name) => _rig.Workspace.ReadLock()!.Find(ComponentName.Parse(name))!.Tier;
    }

    [Fact]
    public async Task Every_kind_of_registry_gives_the_same_lock_file()
    {
        ChildProcess.Run(Peer.Require("/usr/bin/git", "git"), ["init", "--quiet", "--bare", _rig.Combine("remote.git")]).EnsureSuccess();
        using GitRegistry git =
            new(new GitRegistryOptions { Remote = _rig.Combine("remote.git"), CacheDirectory = _rig.Combine("fetched") });
        OciLayoutRegistry oci = new(_rig.Combine("oci"));
        await _rig.Registry.PublishAsync([_rig.Directory, git, oci], Card(), Iot());
        List<byte[]> locks = [];
        foreach (IComponentRegistry place in new IComponentRegistry[] { _rig.Directory, git, oci })
        {
            WorkspaceFolder workspace = new(_rig.Combine("workspace" + locks.Count));
            MarketplaceClient client = _rig.Client(place, workspace, new ComponentCache(_rig.Combine("cache" + locks.Count)));
            WorkspacePlan plan = await client.PlanAsync(Manifest("\"@acme/card\" = \"^1\"\n"), null, null, s_none);
            Assert.True(plan.IsReady, plan.Message);
            await client.ApplyAsync(plan, isApproved: true, null, s_none);
            locks.Add(await File.ReadAllBytesAsync(workspace.LockPath));
        }

        Assert.Equal(locks[0], locks[1]);
        Assert.Equal(locks[0], locks[2]);
    }

    [Fact]
    public async Task Plan_is_refused_when_the_registry_omits_a_dependency()
    {
        PublishedRelease lying = new("@acme/card 1.0.0", ["esf-iot ^1.2"]) { Says = said => said with { Dependencies = [] } };
        await _rig.PublishAsync(lying, Iot());
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "its dependencies are none, but 'esf-iot ^1.2' were signed",
            "Use another mirror");
    }

    [Fact]
    public async Task Plan_is_refused_when_the_registry_lists_another_license_schema_or_engine()
    {
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.0.0", provides: ["Door"])
        {
            Says = said => said with { License = "MIT" },
        });
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "its license is 'MIT', but 'Apache-2.0' was signed");
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.1.0", provides: ["Door"])
        {
            Says = said => said with { Provides = ["Door", "Window"] },
        });
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "'Door', 'Window', but 'Door' were signed");
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.2.0")
        {
            Says = said => said with { Engines = [new RegistryEngine("host", VersionRange.Parse("*"))] },
        });
        _rig.Refused(await _rig.PlanAsync("\"@acme/card\" = \"^1\"\n[engines]\nhost = \"1.0.0\"\n"), WorkspacePlanStatus.Refused,
            "its engines are 'host *', but none were signed");
    }

    [Fact]
    public async Task Permissions_in_the_manifest_are_refused_when_they_were_not_signed()
    {
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.0.0", permissions: ["network"])
        {
            Signs = facts => facts with { Permissions = [] },
        });
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "its permissions are 'network', but none were signed");
    }

    [Theory]
    [InlineData("category", "its category is 'theme', but 'wire-adapter' was signed")]
    [InlineData("requires", "its required schemas are none, but 'IoTReading' were signed")]
    [InlineData("root", "its root is '")]
    [InlineData("tier", "its license tier is 'commercial', but 'open-source' was signed")]
    public async Task Plan_is_refused_when_the_registry_differs_from_the_signed_release(string what, string told)
    {
        PublishedRelease lying = new("@acme/card 1.0.0", requires: what == "requires" ? ["IoTReading"] : null)
        {
            Says = said => what switch
            {
                "category" => said with { Category = "theme" },
                "requires" => said with { Requires = [] },
                "root" => said with { Root256 = new string('a', 64) },
                _ => said with { LicenseTier = "commercial" },
            },
        };
        await _rig.PublishAsync(lying);
        _rig.Refused(await _rig.PlanAsync("\"@acme/card\" = \"^1\"\n[license]\ntier = \"commercial\"\n"), WorkspacePlanStatus.Refused, told,
            "Use another mirror");
    }

    // People approve what was signed, but the host reads the manifest, so both must agree.
    [Theory]
    [InlineData("category", "in the package its category is 'wire-adapter', but 'theme' was signed")]
    [InlineData("license", "in the package its license is 'Apache-2.0', but 'MIT' was signed")]
    [InlineData("dependencies", "in the package its dependencies are 'esf-iot ^1.2', but none were signed")]
    [InlineData("provides", "in the package its provided schemas are 'Door', but none were signed")]
    [InlineData("requires", "in the package its required schemas are 'IoTReading', but none were signed")]
    public async Task Plan_is_refused_when_the_manifest_differs_from_the_signed_release(string what, string told)
    {
        PublishedRelease lying = new("@acme/card 1.0.0", ["esf-iot ^1.2"], provides: ["Door"], requires: ["IoTReading"])
        {
            Signs = facts => what switch
            {
                "category" => facts with { Category = "theme" },
                "license" => facts with { License = "MIT" },
                "dependencies" => facts with { Dependencies = new Dictionary<string, string>() },
                "provides" => facts with { Provides = [] },
                _ => facts with { Requires = [] },
            },
        };
        await _rig.PublishAsync(lying, Iot());
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, told, "tell its publisher");
    }

    [Fact]
    public async Task The_bundle_of_another_release_is_refused()
    {
        await _rig.PublishAsync(Card(), Iot());
        File.Copy(_rig.Combine("registry", "bundles", "_", "esf-iot", "1.2.0.escb"),
            _rig.Combine("registry", "bundles", "@acme", "card", "1.0.0.escb"), overwrite: true);
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "@acme/card 1.0.0", "Do not install it");
    }

    [Fact]
    public async Task Old_bundle_is_accepted_when_the_registry_is_online()
    {
        await _rig.PublishAsync(Card(), Iot());
        _rig.Clock.Pass(TimeSpan.FromDays(31));
        await _rig.Registry.SayAsync(_rig.Directory);
        await _rig.InstallAsync();
        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task Release_signed_by_another_registry_is_refused()
    {
        using PublishedRegistry other = PublishedRegistry.Create(_rig.Clock, "evil.example/main");
        await other.PublishAsync([_rig.Directory], Card(), Iot());
        await _rig.UntrustedAsync("timestamp.json", "Do not install from this copy of the registry");
        await _rig.Registry.SayAsync(_rig.Directory);
        await _rig.RefusedAsync(WorkspacePlanStatus.Refused, "Do not install it");
    }

    [Fact]
    public async Task Plan_explains_unknown_components_and_version_conflicts()
    {
        await _rig.Registry.SayAsync(_rig.Directory);
        await _rig.RefusedAsync(WorkspacePlanStatus.Conflict, "@acme/card");
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.0.0", ["esf-iot ^1.2"]));
        await _rig.RefusedAsync(WorkspacePlanStatus.Conflict, "esf-iot");
    }

    [Fact]
    public async Task Required_schema_is_found_in_a_component_without_a_scope()
    {
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.0.0", requires: ["IoTReading"]), Iot());
        await _rig.InstallAsync();
        Assert.Equal("esf-iot", _rig.Workspace.ReadLock()!.Schemas["IoTReading"].ToString());
    }

    [Fact]
    public async Task Plan_conflicts_when_the_schema_provider_is_outside_the_required_range()
    {
        await _rig.PublishAsync(new PublishedRelease("@acme/card 1.0.0", requires: ["IoTReading ^1.3"]), Iot("1.2.0"));
        await _rig.RefusedAsync(WorkspacePlanStatus.Conflict,
            "@acme/card 1.0.0 needs the schema IoTReading in version ^1.3, but esf-iot 1.2.0 was chosen");
        await _rig.PublishAsync(Iot("1.3.0"));
        await _rig.InstallAsync();
    }

    [Fact]
    public async Task Scope_is_resolved_only_from_its_own_registry()
    {
        await _rig.PublishAsync(Card(), Iot());
        TrustedRegistry main = _rig.Registries().Registries[0];
        using RegistrySet only = new([KeyValuePair.Create("", main)], null);
        MarketplaceClient client = new(only, _rig.Workspace, _rig.Cache, _rig.Clock);
        EstreamRegistryException none = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            client.PlanAsync(Manifest("\"@acme/card\" = \"^1\"\n"), null, null, s_none));
        Assert.Equal(RegistryFault.Configuration, none.Fault);
        Assert.Contains("No registry is configured for the scope '@acme'", none.Message, StringComparison.Ordinal);

        // A component of the scope @acme that only another registry has does not exist for the workspace.
        DirectoryRegistry empty = new(_rig.Combine("acme"));
        await _rig.Registry.SayAsync(empty);
        TrustedRegistry acme = new(empty, _rig.Anchor);
        using RegistrySet two = new([KeyValuePair.Create("", main), KeyValuePair.Create("@acme", acme)], null);
        client = new MarketplaceClient(two, _rig.Workspace, _rig.Cache, _rig.Clock);
        Assert.Equal(WorkspacePlanStatus.Conflict,
            (await client.PlanAsync(Manifest("\"@acme/card\" = \"^1\"\n"), null, null, s_none)).Status);
    }

    [Fact]
    public async Task Update_with_more_permissions_needs_approval_and_can_be_rolled_back()
    {
        await _rig.PublishAsync(Card(), Iot());
        await _rig.InstallAsync();
        byte[] before = await File.ReadAllBytesAsync(_rig.Workspace.LockPath);
        await _rig.PublishAsync(Card("1.1.0", "network:evil.example.com"));
        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await _rig.InstallAsync()).Status);

        WorkspacePlan plan = await _rig.PlanAsync(isUpdate: true);
        Assert.True(plan.IsReady, plan.Message);
        Assert.Equal(["@acme/card 1.1.0 asks for the permission network:evil.example.com, which 1.0.0 does not have"], plan.Change.Reasons);
        Assert.Equal(WorkspaceInstallStatus.NeedsApproval, (await _rig.Client().ApplyAsync(plan, isApproved: false, null, s_none)).Status);
        Assert.Equal(before, await File.ReadAllBytesAsync(_rig.Workspace.LockPath));

        Assert.Equal(WorkspaceInstallStatus.Installed, (await _rig.Client().ApplyAsync(plan, isApproved: true, null, s_none)).Status);
        Directory.Delete(_rig.Combine("cache"), recursive: true);
        WorkspaceChange back = await _rig.Client().RollbackAsync(s_none);
        Assert.Equal("~ @acme/card 1.1.0 -> 1.0.0", back.Components.Single().ToString());
        Assert.Equal(before, await File.ReadAllBytesAsync(_rig.Workspace.LockPath));
        Assert.All(_rig.Workspace.ReadLock()!.Components, component => Assert.True(_rig.Cache.Has(component.Root256)));
    }

    [Fact]
    public async Task Locked_plan_installs_the_lock_without_resolving()
    {
        await _rig.PublishAsync(Card(), Iot());
        Assert.Equal(WorkspacePlanStatus.LockOutdated, (await LockedAsync("^1")).Status);
        await _rig.InstallAsync();
        await _rig.PublishAsync(Card("1.1.0"));
        Directory.Delete(_rig.Combine("cache"), recursive: true);
        WorkspacePlan plan = await LockedAsync("^1");
        Assert.True(plan.IsReady, plan.Message);
        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await _rig.Client().ApplyAsync(plan, isApproved: false, null, s_none)).Status);
        Assert.Empty(await FaultsAsync());

        WorkspacePlan changed = await LockedAsync("^1.0.1");
        Assert.Equal(WorkspacePlanStatus.LockOutdated, changed.Status);
        Assert.Contains("has different requirements from", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locked_plan_is_refused_when_the_lock_was_modified()
    {
        await _rig.PublishAsync(Card("1.0.0", "network"), Iot());
        await _rig.InstallAsync();
        string text = await File.ReadAllTextAsync(_rig.Workspace.LockPath);
        await File.WriteAllTextAsync(_rig.Workspace.LockPath,
            text.Replace("\"permissions\":[\"network\"]", "\"permissions\":[]", StringComparison.Ordinal));
        Assert.Contains("is not the release in", Assert.Single(await FaultsAsync()), StringComparison.Ordinal);
        Directory.Delete(_rig.Combine("cache"), recursive: true);
        Assert.Contains("@acme/card 1.0.0", (await LockedRefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Locked_plan_is_refused_when_a_cached_component_has_other_permissions_key_or_log_index(bool isKept)
    {
        await _rig.PublishAsync(Card("1.0.0", "network"), Iot());
        await _rig.InstallAsync();
        WorkspaceLock whole = _rig.Workspace.ReadLock()!;
        LockedComponent card = whole.Find(ComponentName.Parse("@acme/card"))!, iot = whole.Find(ComponentName.Parse("esf-iot"))!;
        foreach (LockedComponent changed in new[] { card with { Permissions = [] }, card with { Permissions = ["network", "process"] },
            card with { KeyId = new string('0', 64) }, card with { LogIndex = card.LogIndex + 1 } })
        {
            if (!isKept)
            {
                Directory.Delete(_rig.Combine("cache", "bundles"), recursive: true);
            }

            byte[] bytes = new WorkspaceLock(whole.Requirements, [changed, iot], whole.Schemas).Encode();
            await File.WriteAllBytesAsync(_rig.Workspace.LockPath, bytes);
            Assert.Contains("is not the release in", (await LockedRefusedAsync()).Message, StringComparison.Ordinal);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(_rig.Workspace.LockPath));
        }

        // A plan without --locked restores the permission that the changed lock lacks. The restored permission needs approval.
        await File.WriteAllBytesAsync(_rig.Workspace.LockPath,
            new WorkspaceLock(whole.Requirements, [card with { Permissions = [] }, iot], whole.Schemas).Encode());
        Assert.Equal(["@acme/card 1.0.0 asks for the permission network, which 1.0.0 does not have"],
            (await _rig.PlanAsync()).Change!.Reasons);
        await File.WriteAllBytesAsync(_rig.Workspace.LockPath, whole.Encode());
        Assert.True((await LockedAsync("^1")).IsReady);
    }

    [Fact]
    public async Task Cached_bundle_is_verified_without_fetching_and_fetched_again_when_damaged()
    {
        await _rig.PublishAsync(Card("1.0.0", "network"), Iot());
        await _rig.InstallAsync();
        string[] kept = Directory.GetFiles(_rig.Combine("cache", "bundles"), "*.escb", SearchOption.AllDirectories);
        Assert.Equal(2, kept.Length);
        Directory.Move(_rig.Combine("registry", "packages"), _rig.Combine("away"));
        Assert.True((await LockedAsync("^1")).IsReady);
        Assert.True((await _rig.PlanAsync()).IsReady);

        Directory.Move(_rig.Combine("away"), _rig.Combine("registry", "packages"));
        byte[] whole = await File.ReadAllBytesAsync(kept[0]), changed = [.. whole];
        changed[whole.Length / 2] ^= 1;
        foreach (byte[] damaged in new[] { changed, whole[..^1], [] })
        {
            await File.WriteAllBytesAsync(kept[0], damaged);
            Assert.True((await LockedAsync("^1")).IsReady);
            Assert.Equal(whole, await File.ReadAllBytesAsync(kept[0]));
        }
    }

    [Fact]
    public async Task Verify_reports_a_lock_with_another_key_log_index_or_source()
    {
        await _rig.PublishAsync(Card(), Iot());
        await _rig.InstallAsync();
        WorkspaceLock whole = _rig.Workspace.ReadLock()!;
        LockedComponent card = whole.Find(ComponentName.Parse("@acme/card"))!, iot = whole.Find(ComponentName.Parse("esf-iot"))!;
        foreach ((LockedComponent changed, string told) in new[]
        {
            (card with { KeyId = iot.KeyId + "0" }, "is not the release in"),
            (card with { LogIndex = card.LogIndex + 1 }, "is not the release in"),
            (card with { Dependencies = [] }, "is not the release in"), (card with { Root256 = iot.Root256 }, "is not the release in"),
            (card with { Source = "elsewhere" }, "comes from elsewhere in the lock file"),
        })
        {
            await File.WriteAllBytesAsync(_rig.Workspace.LockPath,
                new WorkspaceLock(whole.Requirements, [changed, iot], whole.Schemas).Encode());
            Assert.Contains(told, Assert.Single(await FaultsAsync()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Locked_plan_is_refused_when_the_lock_has_the_root_of_another_cached_component()
    {
        await _rig.PublishAsync(Card(), Iot());
        await _rig.InstallAsync();
        WorkspaceLock whole = _rig.Workspace.ReadLock()!;
        LockedComponent card = whole.Find(ComponentName.Parse("@acme/card"))!, iot = whole.Find(ComponentName.Parse("esf-iot"))!;
        foreach (LockedComponent changed in new[] { card with { Root256 = iot.Root256 }, card with { Dependencies = [] },
            card with { Source = "elsewhere" } })
        {
            await File.WriteAllBytesAsync(_rig.Workspace.LockPath,
                new WorkspaceLock(whole.Requirements, [changed, iot], whole.Schemas).Encode());
            WorkspacePlan plan = await LockedAsync("^1");
            Assert.Equal(WorkspacePlanStatus.LockOutdated, plan.Status);
            Assert.Contains("@acme/card 1.0.0", plan.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Plan_skips_yanked_releases_and_releases_in_cooldown()
    {
        await _rig.PublishAsync(Card(), Iot("1.2.0"), Iot("1.3.0"));
        await _rig.Directory.YankAsync(ComponentName.Parse("esf-iot"), SemanticVersion.Parse("1.3.0"), "It loses messages.", s_none);
        await _rig.Registry.SayAsync(_rig.Directory);
        WorkspacePlan plan = await _rig.PlanAsync();
        Assert.Equal("1.2.0", plan.Next!.Find(ComponentName.Parse("esf-iot"))!.Version.ToString());

        WorkspaceManifest careful = Manifest("\"@acme/card\" = \"^1\"\n").WithMinimumReleaseAge(TimeSpan.FromHours(72));
        plan = await _rig.Client().PlanAsync(careful, null, null, s_none);
        Assert.Equal(WorkspacePlanStatus.Conflict, plan.Status);
        _rig.Clock.Pass(TimeSpan.FromHours(73));
        await _rig.Registry.SayAsync(_rig.Directory);
        Assert.True((await _rig.Client().PlanAsync(careful, null, null, s_none)).IsReady);
    }

    private async Task<WorkspacePlan> LockedRefusedAsync()
    {
        WorkspacePlan plan = await LockedAsync("^1");
        Assert.Equal(WorkspacePlanStatus.Refused, plan.Status);
        return plan;
    }

    private Task<WorkspacePlan> LockedAsync(string range) =>
        _rig.Client().PlanLockedAsync(Manifest($"\"@acme/card\" = \"{range}\"\n"), s_none);

    private async Task<string[]> FaultsAsync()
    {
        List<string> faults = [];
        await foreach ((_, string? fault) in _rig.Client().VerifyAsync(_rig.Workspace.ReadLock()!, s_none))
        {
            if (fault is not null)
            {
                faults.Add(fault);
            }
        }

        return [.. faults];
    }
}
