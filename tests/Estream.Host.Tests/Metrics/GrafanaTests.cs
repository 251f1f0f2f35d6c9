using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Host.Metrics;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;
using Microsoft.Extensions.DependencyInjection;
using YamlDotNet.RepresentationModel;

namespace Estream.Host.Tests.Metrics;

/// <summary>Goal: the dashboard and the alert rules that are shipped name only metrics that <c>/metrics</c> has.</summary>
public sealed partial class GrafanaTests
{
    [Fact]
    public async Task Every_metric_of_the_dashboard_and_of_the_alert_rules_exists()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        ICollection<string> known = rig.Services.GetRequiredService<MetricRegistry>().Names;
        string[] expressions = [.. Dashboard(), .. Rules().Select(rule => Text(rule, "expr"))];

        string[] named = [.. expressions.SelectMany(text => Metric().Matches(text)).Select(match => match.Value).Distinct()];

        Assert.True(named.Length > 20);
        Assert.Equal([], named.Except(known));
    }

    [Fact]
    public void Every_panel_has_a_place_of_its_own_and_uses_the_chosen_data_source()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("estream.json")));
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            JsonElement place = panel.GetProperty("gridPos");
            (int x, int y) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32());
            foreach (int column in Enumerable.Range(x, place.GetProperty("w").GetInt32()))
            {
                Assert.InRange(column, 0, 23);
                Assert.All(Enumerable.Range(y, place.GetProperty("h").GetInt32()), line => Assert.True(taken.Add((column, line))));
            }

            Assert.True(panel.GetProperty("type").GetString() == "row"
                || panel.GetProperty("datasource").GetProperty("uid").GetString() == "${datasource}");
        }
    }

    [Fact]
    public void Every_rule_has_a_name_a_severity_and_says_what_to_do()
    {
        YamlMappingNode[] rules = [.. Rules()];

        Assert.Equal(rules.Length, rules.Select(rule => Text(rule, "alert")).Distinct().Count());
        Assert.All(rules, rule =>
        {
            Assert.Contains(Text((YamlMappingNode)rule["labels"], "severity"), (string[])["info", "warning", "critical"]);
            Assert.NotEmpty(Text((YamlMappingNode)rule["annotations"], "summary"));
            Assert.NotEmpty(Text((YamlMappingNode)rule["annotations"], "description"));
        });
    }

    private static IEnumerable<string> Dashboard()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("estream.json")));
        return
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!),
            .. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(variable => variable.TryGetProperty("definition", out _))
                .Select(variable => variable.GetProperty("definition").GetString()!),
        ];
    }

    private static IEnumerable<YamlMappingNode> Rules()
    {
        YamlStream stream = [];
        using StreamReader reader = new(PathOf("alerts.yml"));
        stream.Load(reader);
        return ((YamlSequenceNode)stream.Documents.Single().RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"])
            .Cast<YamlMappingNode>();
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static string PathOf(string file) => RepositoryRoot.Combine("deploy", "grafana", file);

    [GeneratedRegex(@"\b(estream|process|dotnet)_[a-z0-9_]+")]
    private static partial Regex Metric();
}
