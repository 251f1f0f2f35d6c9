using Estream.Host.Components;
using Estream.Host.Tests.Process;
using Estream.Marketplace.Workspaces;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: only code runs that is byte for byte the installed code and requests only approved permissions. Each rejection says what
/// is wrong, where, and what to do.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ComponentRefusalTests : IDisposable
{
    private const string Setting = "Estream:Adapters:lines:Component: ";

    private static readonly byte[] s_code = LineFileVersion.Compile();

    private readonly ComponentCase _case = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public async Task A_component_is_rejected_without_a_lock() =>
        await RefusesAsync(
            $"there is no '{_case.Workspace}/estream-workspace.lock', so no components are installed. Install @samples/line-file in that "
            + "workspace");

    [Fact]
    public async Task An_unknown_component_name_is_rejected_with_a_suggestion()
    {
        _case.Install("1.0.0", s_code);
        await RefusesAsync("@samples/line-files is not installed in the workspace", "@samples/line-files");
        await RefusesAsync("Did you mean \"@samples/line-file\"?", "@samples/line-files");
    }

    [Fact]
    public async Task A_file_changed_after_the_install_is_not_loaded()
    {
        string mark = _case.Path("ran");
        _case.Install("1.0.0", s_code);

        // Replaces the installed code by code with a visible effect. The host must not even load it.
        byte[] other = LineFileVersion.Compile(
            ("public override AdapterDescriptor Descriptor => FileDescriptor;",
                "public override AdapterDescriptor Descriptor "
                + $"{{ get {{ File.WriteAllText(\"{mark}\", \"\"); return FileDescriptor; }} }}"));
        File.WriteAllBytes(Path.Combine(_case.Installed, "lib", "LineFile.dll"), other);

        await RefusesAsync("the files of @samples/line-file 1.0.0 have changed since the installation");
        Assert.False(File.Exists(mark));
    }

    [Theory]
    [InlineData("@samples/line-file")]
    [InlineData("# bad\n\n @samples/line-file@1.0.0 ")]
    [InlineData("ROOT")]
    [InlineData("KEY")]
    public async Task A_revoked_component_is_not_loaded(string list)
    {
        _case.Install("1.0.0", s_code);
        LockedComponent locked = new WorkspaceFolder(_case.Workspace).ReadLock()!.Components[0];
        File.WriteAllText(
            _case.Revoked,
            list.Replace("ROOT", locked.Root256, StringComparison.Ordinal).Replace("KEY", locked.KeyId, StringComparison.Ordinal));
        await RefusesAsync("@samples/line-file 1.0.0 is revoked");
    }

    [Fact]
    public async Task A_component_that_several_keys_signed_is_revoked_by_each_of_them()
    {
        _case.Install("1.0.0", s_code);
        EditLock("\"a-key\"", "\"a-key,b-key\"");
        File.WriteAllText(_case.Revoked, "b-key\n");
        await RefusesAsync("is revoked");
    }

    [Fact]
    public async Task Nothing_is_loaded_without_the_revocation_list_and_revocations_of_others_are_ignored()
    {
        _case.Install("1.0.0", s_code);
        File.WriteAllText(_case.Revoked, "@samples/line-file@1.0.1\n@samples/line\n");
        using (IHost host = _case.Build())
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        File.Delete(_case.Revoked);
        await RefusesAsync("The list of revoked components");
    }

    [Fact]
    public async Task A_missing_file_is_reported()
    {
        _case.Install("1.0.0", s_code);
        Directory.Delete(_case.Installed, recursive: true);
        await RefusesAsync("@samples/line-file 1.0.0 is incomplete in the cache, and none of its files was loaded");
    }

    [Fact]
    public async Task Unapproved_permissions_are_denied()
    {
        _case.Install("1.0.0", s_code, approved: ["queue:append.telemetry"]);
        await RefusesAsync("requires the permissions queue:read.telemetry, which are not approved in estream-workspace.lock");
    }

    [Theory]
    [InlineData("\"queue:append.telemetry\",", "",
        "requires the permissions queue:append.telemetry, which are not approved in estream-workspace.lock")]
    [InlineData("\"version\":\"2.0.0\"", "\"version\":\"3.0.0\"",
        "the files of @samples/line-file 3.0.0 are those of @samples/line-file 2.0.0")]
    [InlineData("SECOND", "FIRST", "the files of @samples/line-file 2.0.0 are those of @samples/line-file 1.0.0")]
    [InlineData("SECOND", "MORE",
        "@samples/line-file 2.0.0 requires the permissions network, which are not approved in estream-workspace.lock")]
    public async Task An_edited_lock_does_not_load_a_component_that_does_more_than_it_lists(string old, string with, string reason)
    {
        string first = InstallOf("1.0.0", null),
        more = InstallOf("2.0.0",
            LineFileVersion.Replaced(LineFileVersion.Manifest("2.0.0"), "permissions = [", "permissions = [\"network\", ")),
                second = InstallOf("2.0.0", null);
        EditLock(Rooted(old), Rooted(with));
        await RefusesAsync(reason);

        string Rooted(string text) => text switch { "FIRST" => first, "SECOND" => second, "MORE" => more, _ => text };
    }

    [Fact]
    public async Task Permissions_added_to_a_lock_are_not_granted()
    {
        _ = InstallOf("1.0.0", null);
        EditLock("\"queue:append.telemetry\",", "\"queue:append.other\",\"queue:append.telemetry\",");
        await RefusesAsync(
            "Estream:Adapters:lines:Mappings:0:Queue: is 'other', but @samples/line-file 1.0.0 has no permission queue:append.other",
            change: settings => settings["Mappings:0:Queue"] = "other", key: "");
    }

    [Theory]
    [InlineData("Mappings:0:Queue", "queue:append.other")]
    [InlineData("Egress:0:Queue", "queue:read.other")]
    public async Task Settings_cannot_exceed_the_approved_permissions(string key, string permission)
    {
        _case.Install("1.0.0", s_code);
        await RefusesAsync($"Estream:Adapters:lines:{key}: is 'other', but @samples/line-file 1.0.0 has no permission {permission}",
            change: settings => settings[key] = "other", key: "");
    }

    [Fact]
    public async Task Code_gets_only_the_approved_queues()
    {
        _case.Install("1.0.0",
            LineFileVersion.Compile(
                ("_options = options;",
                    "_options = context.Ingress.Names.SequenceEqual([\"telemetry\"]) ? options : throw new "
                    + "InvalidOperationException(string.Join(\", \", context.Ingress.Names));")));
        using IHost host = _case.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    [Theory]
    [InlineData("factory = \"LineFile.LineFileFactory\"", "factory = \"LineFile.Factory\"",
        "lib/LineFile.dll has no type LineFile.Factory, which the manifest names as the factory")]
    [InlineData("factory = \"LineFile.LineFileFactory\"", "factory = \"LineFile.LineFileOptions\"", "LineFile.LineFileOptions")]
    [InlineData("protocol = \"line-file\"", "protocol = \"lines\"",
        "its factory creates adapters of type 'line-file', but its manifest has protocol = \"lines\"")]
    [InlineData("[component.schemas]", "[component.engines]\nhost = \">=7\"\n\n[component.schemas]", "requires a host >=7, and this host "
        + "is ")]
    public async Task A_component_must_match_its_manifest(string old, string with, string reason)
    {
        _case.Install("1.0.0", s_code, LineFileVersion.Replaced(LineFileVersion.Manifest("1.0.0"), old, with));
        await RefusesAsync(reason);
    }

    [Fact]
    public async Task A_file_that_is_not_an_assembly_is_not_loaded()
    {
        _case.Install("1.0.0", "no code"u8.ToArray());
        await RefusesAsync("@samples/line-file 1.0.0 cannot be loaded");
    }

    [Fact]
    public async Task An_update_with_unapproved_permissions_is_rejected_and_the_old_version_keeps_running()
    {
        _case.Install("1.0.0", s_code);
        using IHost host = _case.Build();
        await host.StartAsync();
        _case.Install("2.0.0", s_code,
            LineFileVersion.Replaced(LineFileVersion.Manifest("2.0.0"), "permissions = [", "permissions = [\"network\", "),
            approved: ["queue:append.telemetry", "queue:read.telemetry"]);

        ComponentUpdate update = await host.Services.GetRequiredService<ComponentUpdates>().UpdateAsync("lines");
        await host.StopAsync();

        Assert.Equal(ComponentUpdateStatus.Refused, update.Status);
        Assert.Contains("@samples/line-file 2.0.0 requires the permissions network, which are not approved", update.Detail,
            StringComparison.Ordinal);
    }

    // Installs a version and returns the name of its folder, which is its root hash.
    private string InstallOf(string version, string? manifest)
    {
        _case.Install(version, s_code, manifest);
        return Path.GetFileName(_case.Installed);
    }

    private void EditLock(string old, string with)
    {
        string path = Path.Combine(_case.Workspace, "estream-workspace.lock");
        File.WriteAllText(path, LineFileVersion.Replaced(File.ReadAllText(path), old, with));
    }

    private async Task RefusesAsync(string reason, string component = ComponentCase.Name,
        Action<Dictionary<string, string?>>? change = null, string key = Setting)
    {
        using IHost host = _case.Build(change, component);
        WireConfigurationException refused = await Assert.ThrowsAsync<WireConfigurationException>(() => host.StartAsync());
        Assert.StartsWith(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }
}
