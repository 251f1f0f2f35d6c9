using System.Text;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Rejects documents served in place of others, names that need escaping, and files longer than declared.</summary>
public sealed class ConfusionTests : IDisposable
{
    private readonly RegistryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("timestamp.json", "1.snapshot.json")]
    [InlineData("timestamp.json", "1.root.json")]
    [InlineData("2.root.json", "timestamp.json")]
    [InlineData("2.root.json", "1.targets.json")]
    public async Task Metadata_type_confusion_is_rejected(string place, string other)
    {
        _rig.Source.Files[place] = _rig.Source.Files[other];
        await _rig.RefusedAsync(RoleFaultKind.Malformed);
    }

    [Fact]
    public async Task Metadata_type_confusion_is_rejected_when_roles_share_a_key()
    {
        // One online key signs both roles, as in small registries: a snapshot is still not a timestamp, whatever its payload claims.
        _rig.TimestampSigners.Clear();
        _rig.TimestampSigners.AddRange(_rig.SnapshotSigners);
        _rig.Rotate();
        _rig.PublishTimestamp();
        await _rig.RefreshAsync();
        byte[] snapshotBytes =
            DsseEnvelope.Sign(DocumentType.Snapshot, (_rig.Timestamp with { Version = 9 }).ToPayload(), _rig.SnapshotSigners).ToJson();
        _rig.Source.Files["timestamp.json"] = snapshotBytes;
        await _rig.RefusedAsync(RoleFaultKind.Malformed);
        string relabelled = Encoding.UTF8.GetString(snapshotBytes)
            .Replace(DocumentType.Snapshot.PayloadType, DocumentType.Timestamp.PayloadType, StringComparison.Ordinal);
        _rig.Source.Files["timestamp.json"] = Encoding.UTF8.GetBytes(relabelled);
        await _rig.RefusedAsync(RoleFaultKind.Signature);
        _rig.Source.Files["timestamp.json"] = DsseEnvelope.Sign(DocumentType.Timestamp, _rig.Snapshot.ToPayload(), _rig.TimestampSigners)
            .ToJson();
        await _rig.RefusedAsync(RoleFaultKind.Malformed);
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("targets")]
    public async Task Url_version_mismatch_is_rejected(string role)
    {
        // The reference states version 5; the document has version 1.
        string file = $"5.{role}.json";
        _rig.Source.Files[file] = _rig.Source.Files[$"1.{role}.json"];
        if (role == "targets")
        {
            _rig.PutSnapshot(_rig.Snapshot with
            {
                Version = 2,
                Targets = new Dictionary<string, DocumentReference> { ["targets"] = _rig.Reference(file, 5) },
            });
            _rig.PublishTimestamp();
        }
        else
        {
            _rig.PutTimestamp(_rig.Timestamp with { Version = 2, Snapshot = _rig.Reference(file, 5) });
        }

        RoleFault fault = await _rig.RefusedAsync(RoleFaultKind.Version);
        Assert.Equal(file, fault.File);
    }

    [Fact]
    public async Task Mix_and_match_of_document_versions_is_rejected()
    {
        // The current and the previous targets are both signed: the snapshot decides which are valid.
        _rig.Publish();
        _rig.Source.Files["2.targets.json"] = (_rig.Targets with { Rules = [] }).Sign(_rig.TargetsSigners).ToJson();
        RoleFault fault = await _rig.RefusedAsync(RoleFaultKind.Size);
        Assert.Equal("2.targets.json", fault.File);
        byte[] same = _rig.Targets.Sign(_rig.TargetsSigners).ToJson();
        _rig.Source.Files["2.targets.json"] = same;
        await _rig.RefusedAsync(RoleFaultKind.Digest);
    }

    [Theory]
    [InlineData("timestamp.json", 128 << 10)]
    [InlineData("2.root.json", 1 << 20)]
    public async Task Endless_document_is_read_only_up_to_its_limit(string file, long limit)
    {
        EndlessStream endless = new("{"u8.ToArray());
        _rig.Source.Endless[file] = endless;
        await _rig.RefusedAsync(RoleFaultKind.Size);
        Assert.Equal(limit + 1, endless.Given);
    }

    [Theory]
    [InlineData("1.snapshot.json")]
    [InlineData("1.targets.json")]
    public async Task Endless_data_stops_at_declared_length(string file)
    {
        // The stream begins with the correct bytes and continues with white space, so all its content would be valid JSON.
        EndlessStream endless = new(_rig.Source.Files[file]);
        _rig.Source.Endless[file] = endless;
        await _rig.RefusedAsync(RoleFaultKind.Size);
        Assert.Equal(_rig.Source.Files[file].Length + 1, endless.Given);
    }

    [Theory]
    [InlineData("timestamp.json")]
    [InlineData("1.snapshot.json")]
    [InlineData("1.targets.json")]
    public async Task Missing_document_is_reported_by_name(string file)
    {
        _rig.Source.Files.Remove(file);
        Assert.Equal(file, (await _rig.RefusedAsync(RoleFaultKind.Missing)).File);
    }

    [Theory]
    [InlineData("?")]
    [InlineData("#")]
    [InlineData("/meters")]
    [InlineData("../meters")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a b")]
    [InlineData("%2e%2e")]
    [InlineData("C:\\meters")]
    [InlineData("meters.json")]
    [InlineData("METERS")]
    [InlineData("root")]
    [InlineData("snapshot")]
    [InlineData("timestamp")]
    [InlineData("targets")]
    [InlineData("m\u00e9ters")]
    public async Task Role_name_that_needs_escaping_is_rejected(string name)
    {
        DelegatedTests.Delegate(_rig, "meters", "@acme/*");
        _rig.Targets = _rig.Targets with { Delegations = [_rig.Targets.Delegations[0] with { Role = name }] };
        _rig.Publish();
        Assert.Contains("not a valid role name", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../license.txt")]
    [InlineData("/license.txt")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a%20b")]
    [InlineData("a?b")]
    [InlineData(".hidden")]
    [InlineData("A")]
    public async Task File_path_that_needs_escaping_is_rejected(string path)
    {
        _rig.Targets = _rig.Targets with
        {
            Files = new Dictionary<string, DocumentReference> { [path] = new(1, 1, RegistryRig.Hash('0')) },
        };
        _rig.Publish();
        Assert.Contains("not a valid path", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@acme/*", "@acme/meter", true)]
    [InlineData("@acme/*", "@acmes/meter", false)]
    [InlineData("@acme/*", "@acme", false)]
    [InlineData("@acme/meter", "@acme/meter2", false)]
    [InlineData("*", "anything", true)]
    [InlineData("meter", "meter", true)]
    [InlineData("meter", "@acme/meter", false)]
    public void Component_pattern_matches_as_documented(string pattern, string component, bool expected) =>
        Assert.Equal(expected, ComponentPattern.Parse(pattern).Matches(component));

    [Theory]
    [InlineData("")]
    [InlineData("@acme")]
    [InlineData("@acme/")]
    [InlineData("@acme/m*")]
    [InlineData("@*/meter")]
    [InlineData("@acme/a/b")]
    [InlineData("acme/meter")]
    [InlineData("**")]
    [InlineData("Meter")]
    [InlineData("@/x")]
    public void Invalid_component_pattern_is_rejected(string text) => Assert.Throws<FormatException>(() => ComponentPattern.Parse(text));
}
