using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Host.Widgets;
using Estream.Testing;

namespace Estream.Host.Tests.Widgets;

/// <summary>Goal: the host serves a widget only while its files match the lock, its permissions are approved and it is not
/// revoked.</summary>
public sealed class WidgetCatalogueTests : IDisposable
{
    private const string Name = "@acme/doors";

    private readonly WidgetCase _case = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _case.Dispose();

    [Fact]
    public void A_changed_byte_in_the_cache_is_refused_with_the_root_also_while_the_host_runs()
    {
        _case.InstallWidget();
        _case.InstallWidget("@acme/other");
        WidgetCatalogue catalogue = Create();
        string tag = catalogue.Current.Tag, root = _case.Locked(Name).Root256;
        Assert.True(catalogue.TryFind(Name, out _, out _));

        string file = _case.FileOf(Name, "dist/index.js");
        File.SetAttributes(file, FileAttributes.Normal);
        File.WriteAllText(file, WidgetCase.Bundle.Replace("null", "1234", StringComparison.Ordinal));

        Assert.True(catalogue.TryFind(Name, out _, out _), "the check has an interval");
        _time.Advance(WidgetCatalogue.CheckInterval);
        AssertRefused(catalogue, "have changed since the installation", root);
        Assert.NotEqual(tag, catalogue.Current.Tag);
        Assert.True(catalogue.TryFind("@acme/other", out _, out _));
    }

    [Fact]
    public void A_package_without_files_is_refused_with_the_root()
    {
        _case.InstallWidget();
        Directory.Delete(Path.GetDirectoryName(_case.FileOf(Name, "widget.manifest.yaml"))!, recursive: true);

        AssertRefused(Create(), "is incomplete in the cache", _case.Locked(Name).Root256);
    }

    [Theory]
    [InlineData("@acme/doors")]
    [InlineData("@acme/doors@0.1.0")]
    [InlineData("a-key")]
    public void A_release_that_is_revoked_disappears_from_a_running_host(string line)
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        Assert.True(catalogue.TryFind(Name, out _, out _));

        File.WriteAllText(_case.Revoked, line + "\n");
        _time.Advance(WidgetCatalogue.CheckInterval);

        AssertRefused(catalogue, "is revoked", _case.Locked(Name).Root256);
        File.WriteAllText(_case.Revoked, "");
        _time.Advance(WidgetCatalogue.CheckInterval);
        Assert.True(catalogue.TryFind(Name, out _, out _));
    }

    [Fact]
    public void No_widget_is_served_while_the_list_of_revoked_components_cannot_be_read()
    {
        _case.InstallWidget();
        File.Delete(_case.Revoked);

        AssertRefused(Create(), "cannot be read, so no component is loaded", _case.Locked(Name).Root256);
    }

    [Fact]
    public void A_permission_that_is_not_approved_is_refused()
    {
        _case.InstallWidget(approved: []);

        AssertRefused(Create(), "data:read.doors, which are not approved", _case.Locked(Name).Root256);
    }

    [Fact]
    public void A_picture_that_lint_refuses_is_not_served()
    {
        _case.InstallWidget(icon: "<svg xmlns=\"http://www.w3.org/2000/svg\"><use href=\"#a\"/></svg>");

        AssertRefused(Create(), "@acme/doors 0.1.0: assets/icon.svg: line 1: an icon must be a plain SVG", _case.Locked(Name).Root256);
    }

    [Fact]
    public void A_widget_for_another_host_is_refused()
    {
        _case.InstallWidget(more: "[component.engines]\nhost = \">=9.0\"");

        AssertRefused(Create(), "requires a host >=9.0", _case.Locked(Name).Root256);
    }

    [Fact]
    public void A_widget_for_another_console_is_refused()
    {
        _case.InstallWidget(consoleVersion: "9.0.0");

        AssertRefused(Create(), "requires the engine console >=9.0.0, and this host has console 0.1.0", _case.Locked(Name).Root256);
    }

    [Fact]
    public void A_widget_for_other_libraries_is_refused()
    {
        _case.InstallWidget(react: "^18.0.0");

        AssertRefused(Create(), "has react ^18.0.0, but the console supplies 19.", _case.Locked(Name).Root256);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void A_required_stream_that_the_permissions_do_not_include_is_refused(string required, bool isRefused)
    {
        _case.InstallWidget(permission: "data:read.windows", isRequired: required);
        if (isRefused)
        {
            AssertRefused(Create(), "requires the stream 'lex://acme/doors/{door}/moves'", _case.Locked(Name).Root256);
        }
        else
        {
            Assert.True(Create().TryFind(Name, out _, out _));
        }
    }

    [Fact]
    public void The_time_to_refresh_is_the_least_of_the_permissions()
    {
        _case.InstallWidget(permission: "data:read.doors\", \"refresh:5m\", \"refresh:30s");
        _case.InstallWidget("@acme/live");
        WidgetCatalogue catalogue = Create();

        Assert.Equal(TimeSpan.FromSeconds(30), catalogue.Current.Widgets[Name].Grant.Refresh);
        Assert.Equal(TimeSpan.Zero, catalogue.Current.Widgets["@acme/live"].Grant.Refresh);
    }

    [Fact]
    public void Widgets_beyond_the_limit_of_memory_are_refused_with_the_name_of_the_setting()
    {
        _case.InstallWidget();
        _case.InstallWidget("@acme/large", bundle: new string(' ', 10_000));
        _case.InstallWidget("@acme/small");

        WidgetCatalogue catalogue = new(_case.Workspace with { WidgetBytes = 5_000 }, _time);

        Assert.Equal(["@acme/doors", "@acme/small"], catalogue.Current.Widgets.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("Estream:Components:WidgetBytes (5000)", catalogue.Current.Refused["@acme/large"].Reason,
            StringComparison.Ordinal);
        Assert.Equal(2 * (WidgetCase.Bundle.Length + WidgetCase.Icon.Length), catalogue.Current.Bytes);
    }

    [Fact]
    public void A_damaged_lock_serves_nothing_and_names_the_file()
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        Assert.True(catalogue.TryFind(Name, out _, out _));

        File.WriteAllText(_case.LockPath, "{}");
        _time.Advance(WidgetCatalogue.CheckInterval);

        Assert.False(catalogue.TryFind(Name, out _, out string? reason));
        Assert.Contains(_case.LockPath, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--accent: #111111;")]
    [InlineData("--unknown: #111111;")]
    public void A_theme_with_an_invalid_stylesheet_is_refused(string token)
    {
        _case.InstallTheme($":root {{ {token} }}\n");

        WidgetSnapshot current = Create().Current;

        Assert.StartsWith("theme.css of @acme/brass 1.0.0, line 1: ", current.Refused["@acme/brass"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unchanged_workspace_is_not_read_again()
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        WidgetSnapshot first = catalogue.Current;

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Same(first, catalogue.Current);
    }

    [Fact]
    public void The_grant_of_a_widget_is_that_of_its_manifest_and_its_lock_and_has_a_stamp()
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        Assert.True(catalogue.TryFind(Name, out WidgetGrant? grant, out _));
        Assert.Equal(["lex://acme/doors/{door}/moves"], grant.Streams);
        Assert.Equal(["doors_open"], grant.Tables);
        Assert.Equal(["data:read.doors"], grant.Permissions);
        Assert.Equal(["operator"], grant.RequiredRoles);

        _case.InstallWidget("@acme/other");
        _time.Advance(WidgetCatalogue.CheckInterval);
        Assert.True(catalogue.TryFind(Name, out WidgetGrant? same, out _));
        Assert.Equal(grant.Stamp, same.Stamp);

        _case.InstallWidget(bundle: "export default 1;\n");
        _time.Advance(WidgetCatalogue.CheckInterval);
        Assert.True(catalogue.TryFind(Name, out WidgetGrant? changed, out _));
        Assert.NotEqual(grant.Stamp, changed.Stamp);
    }

    [Theory]
    [InlineData("tier", "\"experimental\"")]
    [InlineData("permissions", """["data:read.doors","data:read.windows"]""")]
    [InlineData("logIndex", "7")]
    [InlineData("keyId", "\"another-key\"")]
    public void A_changed_lock_of_the_same_release_changes_the_stamp_in_the_list_and_of_the_streams(string member, string value)
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        (string tag, string stamp) = (catalogue.Current.Tag, StampIn(catalogue));

        _case.SetInLock(Name, member, value);
        _time.Advance(WidgetCatalogue.CheckInterval);

        Assert.NotEqual(stamp, StampIn(catalogue));
        Assert.NotEqual(tag, catalogue.Current.Tag);
        Assert.True(catalogue.TryFind(Name, out WidgetGrant? grant, out _));
        Assert.Equal(grant.Stamp, StampIn(catalogue));
    }

    [Fact]
    public void A_component_that_is_not_installed_is_not_found()
    {
        _case.InstallTheme(":root { --accent: #c3f05a; }\n");
        WidgetCatalogue catalogue = Create();

        Assert.False(catalogue.TryFind(Name, out _, out string? reason));
        Assert.Contains("No widget '@acme/doors' is installed", reason, StringComparison.Ordinal);
        Assert.False(catalogue.TryFind("@acme/brass", out _, out _), "a theme is not a widget");
        Assert.False(new WidgetCatalogue(null, _time).TryFind(Name, out _, out _));
    }

    [Fact]
    public void Consoles_get_an_event_when_the_widgets_change()
    {
        _case.InstallWidget();
        WidgetCatalogue catalogue = Create();
        EventHub hub = new();
        using EventSubscription client = hub.TryJoin(readsMessages: false, "ann", null)!;
        catalogue.Announce(hub);
        Assert.True(client.TryTake(out byte[]? first));
        catalogue.Announce(hub);
        Assert.False(client.TryTake(out _));

        File.WriteAllText(_case.Revoked, Name);
        _time.Advance(WidgetCatalogue.CheckInterval);
        catalogue.Announce(hub);

        Assert.True(client.TryTake(out byte[]? frame));
        Assert.NotEqual(first, frame);
        (EventKind kind, ReadOnlyMemory<byte> json) = EventFrame.Decode(frame);
        Assert.Equal(EventKind.Widgets, kind);
        string tag = System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("etag").GetString()!;
        Assert.Equal(catalogue.Current.Tag, tag);
    }

    private static string StampIn(WidgetCatalogue catalogue) => System.Text.Json.JsonDocument.Parse(catalogue.Current.Json).RootElement
        .GetProperty("widgets")[0].GetProperty("stamp").GetString()!;

    private WidgetCatalogue Create() => new(_case.Workspace, _time);

    private static void AssertRefused(WidgetCatalogue catalogue, string reason, string root)
    {
        Assert.False(catalogue.TryFind(Name, out _, out string? why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
        Assert.Contains(root, why, StringComparison.Ordinal);
        Assert.Equal(why, catalogue.Current.Refused[Name].Reason);
    }
}
