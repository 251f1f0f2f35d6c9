using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>The trust tier of a component comes from the policy, then from the policy's delegations in order, up to the tier that a
/// delegation may grant.</summary>
public sealed class DelegatedTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public DelegatedTests()
    {
        _rig.Targets = _rig.Targets with
        {
            Rules = [],
            Categories = new Dictionary<string, CategoryPolicy>
            {
                ["wire-adapter"] = new(0, [], TrustTier.Core),
                ["skill"] = new(0, [], TrustTier.Community),
            },
        };
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task First_matching_rule_applies_and_the_category_caps_the_tier()
    {
        _rig.Targets = _rig.Targets with
        {
            Rules = [Rule("@acme/meter", TrustTier.Verified), Rule("@acme/*", TrustTier.Community), Rule("@acme/meter", TrustTier.Core)],
        };
        _rig.Publish();
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.Equal(TrustTier.Verified, roles.TierOf("@acme/meter", "wire-adapter"));
        Assert.Equal(TrustTier.Community, roles.TierOf("@acme/meters", "wire-adapter"));
        Assert.Equal(TrustTier.Community, roles.TierOf("@acme/meter", "skill"));
        Assert.Equal(TrustTier.Experimental, roles.TierOf("@acme/meter", "theme"));
        Assert.Equal(TrustTier.Experimental, roles.TierOf("@acmee/meter", "wire-adapter"));
        Assert.Equal(TrustTier.Experimental, roles.TierOf("meter", "wire-adapter"));
    }

    [Fact]
    public async Task Delegated_role_applies_only_to_its_components_up_to_its_highest_tier()
    {
        Delegate(_rig, "meters", "@acme/*", TrustTier.Verified, rules: [Rule("*", TrustTier.Core)]);
        _rig.Publish();
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.Equal(TrustTier.Verified, roles.TierOf("@acme/meter", "wire-adapter"));
        Assert.Equal(TrustTier.Experimental, roles.TierOf("@other/meter", "wire-adapter"));
    }

    [Theory]
    [InlineData(true, TrustTier.Experimental)]
    [InlineData(false, TrustTier.Verified)]
    public async Task Terminating_delegation_stops_search(bool isTerminating, TrustTier expected)
    {
        Delegate(_rig, "silent", "@acme/*", rules: [], isTerminating: isTerminating);
        Delegate(_rig, "loud", "@acme/*", rules: [Rule("*", TrustTier.Verified)]);
        _rig.Publish();
        Assert.Equal(expected, (await _rig.RefreshAsync()).TierOf("@acme/meter", "wire-adapter"));
    }

    [Fact]
    public async Task Terminating_delegation_further_down_stops_the_whole_search()
    {
        using DocumentSigner inner = DocumentSigner.Generate();
        Delegation down =
            new("inner", RegistryRig.Keys([inner], 1), [ComponentPattern.Parse("@acme/*")], TrustTier.Core, IsTerminating: true);
        _rig.Delegated["inner"] = (new TargetsDocument { Version = 1, Expires = _rig.Clock.Now.AddDays(9), Role = "inner" }, [inner]);
        Delegate(_rig, "outer", "@acme/*", rules: [], delegations: [down]);
        Delegate(_rig, "loud", "@acme/*", rules: [Rule("*", TrustTier.Verified)]);
        _rig.Publish();
        Assert.Equal(TrustTier.Experimental, (await _rig.RefreshAsync()).TierOf("@acme/meter", "wire-adapter"));
    }

    [Fact]
    public async Task Delegated_role_must_be_signed_by_the_keys_of_its_delegator()
    {
        Delegate(_rig, "meters", "@acme/*");
        using DocumentSigner stranger = DocumentSigner.Generate();
        _rig.Delegated["meters"] = (_rig.Delegated["meters"].Document, [stranger]);
        _rig.Publish();
        Assert.Equal("1.meters.json", (await _rig.RefusedAsync(RoleFaultKind.Signature)).File);
    }

    [Fact]
    public async Task Cached_delegated_role_reverified_against_new_delegator()
    {
        DocumentSigner own = Delegate(_rig, "meters", "@acme/*");
        _rig.Publish();
        await _rig.RefreshAsync();
        byte[] known = _rig.Source.Files["1.meters.json"];
        _rig.Targets = _rig.Targets with
        {
            Delegations = [_rig.Targets.Delegations[0] with { Keys = RegistryRig.Keys(_rig.TargetsSigners, 1) }],
        };
        _rig.PublishTargets();
        _rig.Source.Files["1.meters.json"] = known;
        _rig.PublishSnapshot();
        _rig.PublishTimestamp();
        Assert.Equal("1.meters.json", (await _rig.RefusedAsync(RoleFaultKind.Signature)).File);
        own.Dispose();
    }

    [Fact]
    public async Task Delegated_document_with_another_role_name_is_rejected()
    {
        // The same key signs both documents: only the role name in the document distinguishes them.
        DocumentSigner own = Delegate(_rig, "meters", "@acme/*");
        _rig.Delegated["meters"] = (_rig.Delegated["meters"].Document with { Role = "pumps" }, [own]);
        _rig.Publish();
        Assert.Contains("has the role 'pumps'", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_delegated_role_is_reported()
    {
        Delegate(_rig, "meters", "@acme/*");
        _rig.Delegated.Clear();
        _rig.Publish();
        Assert.Equal("meters", (await _rig.RefusedAsync(RoleFaultKind.Missing)).File);
    }

    [Fact]
    public async Task Cyclic_delegations_terminate()
    {
        DocumentSigner own = Delegate(_rig, "meters", "@acme/*", rules: []);
        Delegation back = new("meters", RegistryRig.Keys([own], 1), [ComponentPattern.Parse("*")], TrustTier.Core, false);
        _rig.Delegated["meters"] = (_rig.Delegated["meters"].Document with { Delegations = [back] }, [own]);
        _rig.Publish();
        Assert.Equal(TrustTier.Experimental, (await _rig.RefreshAsync()).TierOf("@acme/meter", "wire-adapter"));
    }

    [Fact]
    public async Task Delegations_beyond_the_limit_are_rejected()
    {
        // Each of 32 roles delegates to all 32 roles, which gives a thousand paths. At most 64 of these paths are followed.
        DocumentSigner[] signers = [.. Enumerable.Range(0, 32).Select(number => Delegate(_rig, $"r{number}", "*"))];
        foreach ((string role, (TargetsDocument document, DocumentSigner[] own)) in _rig.Delegated.ToArray())
        {
            _rig.Delegated[role] = (document with { Delegations = _rig.Targets.Delegations }, own);
        }

        _rig.Publish();
        await _rig.RefusedAsync(RoleFaultKind.TooMany);
        Assert.True(_rig.Source.Asked.Count < 80);
        Array.ForEach(signers, signer => signer.Dispose());
    }

    internal static DocumentSigner Delegate(
        RegistryRig rig, string role, string components, TrustTier highest = TrustTier.Core, TierRule[]? rules = null,
        bool isTerminating = false, Delegation[]? delegations = null)
    {
        DocumentSigner signer = DocumentSigner.Generate();
        Delegation delegation = new(role, RegistryRig.Keys([signer], 1), [ComponentPattern.Parse(components)], highest, isTerminating);
        rig.Targets = rig.Targets with { Delegations = [.. rig.Targets.Delegations, delegation] };
        rig.Delegated[role] = (new TargetsDocument
        {
            Version = 1,
            Expires = rig.Clock.Now.AddDays(9),
            Role = role,
            Rules = rules ?? [],
            Delegations = delegations ?? [],
        }, [signer]);
        return signer;
    }

    private static TierRule Rule(string components, TrustTier tier) => new(ComponentPattern.Parse(components), tier);
}
