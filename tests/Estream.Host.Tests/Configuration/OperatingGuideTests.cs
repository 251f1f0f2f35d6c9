using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Modbus;
using Estream.Wire.Settings;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: the pages of the guide contain every key that the host accepts.</summary>
public sealed class OperatingGuideTests
{
    private static readonly IWireAdapterFactory[] s_factories = [new ModbusPollerFactory(), new ModbusServerFactory()];

    private static readonly string s_settings = ReadPage("configure.md");

    private static readonly string s_adapters = string.Concat(
        Directory.EnumerateFiles(RepositoryRoot.Combine("docs", "guides", "operating", "adapters")).Select(File.ReadAllText));

    [Fact]
    public void The_guide_explains_every_accepted_key()
    {
        string[] missing =
        [
            .. Keys(EstreamSettingsSchema.Of(new Dictionary<string, ObjectSchema>()), "")
                .Where(key => key != "Adapters:NAME" && !Has(s_settings, key)),
            .. AdapterSettingSchemas.All.Values.SelectMany(shape => Keys(shape, "")).Append("Adapters:NAME:Type")
                .Where(key => key is not ("Type" or "Mappings") && !Has(s_adapters, key)),
        ];

        Assert.Empty(missing);
    }

    // To write a table again after a change of a declaration, set ESTREAM_ACCEPT to 1.
    [Theory]
    [InlineData("modbus.md", ModbusPollerFactory.Type)]
    [InlineData("modbus.md", ModbusServerFactory.Type)]
    public void The_table_of_an_adapter_is_generated_from_its_declarations(string page, string type)
    {
        IWireAdapterFactory factory = s_factories.Single(one => one.Descriptor.Type == type);
        string path = RepositoryRoot.Combine("docs", "guides", "operating", "adapters", page);
        string text = File.ReadAllText(path);
        string start = $"<!-- settings of {type}: generated from the declarations in the code -->\n";
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        int to = text.IndexOf("\n\n", from, StringComparison.Ordinal);
        string table = $"| key | meaning | default |\n|---|---|---|\n{string.Join('\n', Rows(factory.Settings!, ""))}";
        if (Environment.GetEnvironmentVariable("ESTREAM_ACCEPT") == "1")
        {
            File.WriteAllText(path, text[..from] + table + text[to..]);
        }
        else
        {
            Assert.Equal(table, text[from..to]);
        }
    }

    [Fact]
    public void The_guide_explains_every_variable()
    {
        Assert.All(
            (string[])[EnvironmentOverrides.HttpPort, EnvironmentOverrides.MqttPort, EnvironmentOverrides.Data],
            variable => Assert.True(Has(s_settings, variable), variable));
    }

    [Theory]
    [InlineData("docs/operate/index.md")]
    [InlineData("docs/guides/operating/adapters/README.md")]
    public void The_configuration_of_a_page_is_valid(string page)
    {
        using TempDirectory place = new();
        string path = place.Combine("estream.json");
        File.WriteAllText(path, File.ReadAllText(RepositoryRoot.Combine(page)).Split("```json\n")[1].Split("```")[0]);
        SettingErrors errors = new();

        ConfigurationFile file = ConfigurationFile.Load(path, _ => null, errors);
        ConfigurationCheck.Run(file, AdapterSettingSchemas.All, new SchemaLookup(EsfSchemaSet.BuiltIn), [], _ => null, errors);

        Assert.Empty(errors.Items);
    }

    private static string ReadPage(string name) => File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operating", name));

    // Whether a table of the text has a row for the key or variable.
    private static bool Has(string text, string key) => text.Contains($"| `{key}` |", StringComparison.Ordinal);

    private static IEnumerable<string> Rows(SettingGroup group, string prefix) => group.Settings.SelectMany(setting =>
    {
        string key = prefix + setting.Key;
        string start = setting.Kind == SettingKind.List ? $"{key}:N:" : $"{key}:";
        IEnumerable<string> below = setting.Group is { } inner ? Rows(inner, start) : [];
        return setting.Help.Length == 0 ? below : below.Prepend($"| `{key}` | {setting.Help} | {setting.Default} |");
    });

    private static IEnumerable<string> Keys(SettingSchema shape, string prefix) => shape switch
    {
        ObjectSchema o => o.Settings.SelectMany(s => Keys(s.Shape, prefix.Length == 0 ? s.Key : $"{prefix}:{s.Key}")),
        SwitchSchema s => Keys(s.Particulars, prefix).Append(prefix),
        NamedObjectsSchema n => Keys(n.Item, $"{prefix}:NAME"),
        ListSchema { Item: ObjectSchema } list => Keys(list.Item, $"{prefix}:N"),
        _ => [prefix],
    };
}
