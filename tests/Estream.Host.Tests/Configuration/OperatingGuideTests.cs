using Estream.Host.Configuration;
using Estream.Testing;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: the guide contains every key that the host accepts.</summary>
public sealed class OperatingGuideTests
{
    private static readonly string s_guide = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operating.md"));

    [Fact]
    public void The_guide_explains_every_accepted_key()
    {
        string[] missing =
        [
            .. Keys(EstreamSettingsSchema.Of(new Dictionary<string, ObjectSchema>()), "")
                .Concat(AdapterSettingSchemas.All.Values.SelectMany(shape => Keys(shape, "")))
                .Select(key => key.Replace("Adapters:NAME", "Adapters:NAME:Type", StringComparison.Ordinal))
                .Where(key => !s_guide.Contains($"| `{key}` |", StringComparison.Ordinal) && key != "Type" && key != "Mappings"),
        ];

        Assert.Empty(missing);
    }

    [Fact]
    public void The_guide_explains_every_variable()
    {
        Assert.All(
            (string[])[EnvironmentOverrides.HttpPort, EnvironmentOverrides.MqttPort, EnvironmentOverrides.Data],
            variable => Assert.Contains($"| `{variable}` |", s_guide, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Keys(SettingSchema shape, string prefix) => shape switch
    {
        ObjectSchema o => o.Settings.SelectMany(s => Keys(s.Shape, prefix.Length == 0 ? s.Key : $"{prefix}:{s.Key}")),
        SwitchSchema s => Keys(s.Particulars, prefix).Append(prefix),
        NamedObjectsSchema n => Keys(n.Item, $"{prefix}:NAME"),
        ListSchema { Item: ObjectSchema } list => Keys(list.Item, $"{prefix}:N"),
        _ => [prefix],
    };
}
