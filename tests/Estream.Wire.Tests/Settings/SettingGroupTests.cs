using System.Net;
using Estream.Esf;
using Estream.Wire.Settings;

namespace Estream.Wire.Tests.Settings;

/// <summary>Goal: one declaration of a setting gives its parser, its limits, its errors and its description.</summary>
public sealed class SettingGroupTests
{
    private enum Color
    {
        Red,

        [SettingWord("BGR")]
        Swapped,
    }

    [Theory]
    [InlineData("Name", null, "Estream:Adapters:a:Name: is required and not set.")]
    [InlineData("Count", "11", "Estream:Adapters:a:Count: '11' is not accepted; write a whole number from 1 to 10.")]
    [InlineData("Count", "x", "Estream:Adapters:a:Count: 'x' is not accepted; write a whole number from 1 to 10.")]
    [InlineData("Unit", "256", "Estream:Adapters:a:Unit: '256' is not accepted; write a whole number from 0 to 255.")]
    [InlineData("Factor", "NaN", "Estream:Adapters:a:Factor: 'NaN' is not accepted; write a number, such as 0.1.")]
    [InlineData("Color", "green", "Estream:Adapters:a:Color: 'green' is not accepted; write red or BGR.")]
    [InlineData("Address", "here", "Estream:Adapters:a:Address: 'here' is not accepted; write an IP address, such as 127.0.0.1.")]
    [InlineData("Queue", "other", "Estream:Adapters:a:Queue: the queue 'other' does not exist; the queues are: telemetry.")]
    [InlineData("Schema", "Other", "Estream:Adapters:a:Schema: 'Other' is not accepted; write IoTTelemetry.")]
    [InlineData("Items:0:Size", "1", "Estream:Adapters:a:Items:0:Name: is required and not set.")]
    [InlineData("Wait:OtherMs", "1", "Estream:Adapters:a:Wait:OtherMs: is not a setting; accepted here: FirstMs.")]
    [InlineData("Items:0:Nmae", "x", "Estream:Adapters:a:Items:0:Nmae: is not a setting; accepted here: Name, Size.", "Items:0:Name")]
    [InlineData("Extra:Size", "1", "Estream:Adapters:a:Extra:Name: is required and not set.")]
    [InlineData("Even:Number", "3", "Estream:Adapters:a:Even:Number: is odd.")]
    public void A_text_that_is_not_accepted_is_refused_with_its_key(string key, string? text, string message, string? other = null)
    {
        Dictionary<string, string?> values = Least();
        values[key] = text;
        if (other is not null)
        {
            values[other] = "x";
        }

        Assert.Equal(message, Assert.Throws<WireConfigurationException>(() => Read(values)).Message);
    }

    [Fact]
    public void A_list_with_too_many_entries_is_refused()
    {
        Dictionary<string, string?> values = Least();
        for (int i = 0; i < 3; i++)
        {
            values[$"Items:{i}:Name"] = "x";
        }

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => Read(values));

        Assert.Equal("Estream:Adapters:a:Items: has more than 2 items.", refused.Message);
    }

    [Fact]
    public void Settings_that_are_not_set_keep_the_initial_values()
    {
        Options options = Read(Least());

        Assert.Equal(
            (5, 1, 1.5, Color.Red, IPAddress.Loopback, TimeSpan.FromMilliseconds(200), false),
            (options.Count, options.Unit, options.Factor, options.Color, options.Address, options.First, options.IsOn));
        Assert.Empty(options.Items);
        Assert.Null(options.Switch);
        Assert.Null(options.Extra);
        Assert.Equal("here", options.Place.Host);
    }

    [Fact]
    public void Settings_are_converted_to_the_types_of_their_properties()
    {
        Dictionary<string, string?> values = Least();
        (string Key, string Text)[] set =
        [
            ("Count", "7"), ("Unit", "255"), ("Factor", "-0.5"), ("Color", "bgr"), ("Address", "localhost"), ("Wait:FirstMs", "3"),
            ("On", "true"), ("Items:0:Name", "one"), ("Items:1:Name", "two"), ("Items:1:Size", "2"), ("Switch", "true"), ("Texts:0", "a"),
            ("Texts:1", "b"), ("Extra:Name", "e"), ("Host", "there"), ("Even:Number", "4"),
        ];
        foreach ((string key, string text) in set)
        {
            values[key] = text;
        }

        Options options = Read(values);

        Assert.Equal(
            (7, 255, -0.5, Color.Swapped, TimeSpan.FromMilliseconds(3), true, "there", 4),
            (options.Count, options.Unit, options.Factor, options.Color, options.First, options.IsOn, options.Place.Host, options.Even));
        Assert.Equal([new Item("one"), new Item("two", 2)], options.Items);
        Assert.Equal(["a", "b"], options.Texts);
        Assert.Equal(new Item("e"), options.Extra);
        Assert.NotNull(options.Switch);
        Assert.Equal("IoTTelemetry", options.Schema.Name);
    }

    [Fact]
    public void Keys_that_are_left_out_of_an_inline_object_are_no_settings()
    {
        Dictionary<string, string?> values = Least();
        values["Secret"] = "x";

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => Read(values));

        Assert.Contains("is not a setting", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", SettingGroup.Of<Options>().Settings.Select(setting => setting.Key));
    }

    [Fact]
    public void The_declarations_describe_the_settings()
    {
        (string, string)[] described =
            [.. SettingGroup.Of<Options>().Settings.Select(setting => (setting.Key, setting.Default))];

        Assert.Equal(
            [
                ("Name", "required"), ("Queue", "required"), ("Schema", "required"), ("Count", "5"), ("Unit", "1"), ("Factor", "1.5"),
                ("Color", "`red`"), ("Address", "`127.0.0.1`"), ("Wait:FirstMs", "200"), ("On", "`false`"), ("Items", "none"),
                ("Texts", "none"), ("Extra", "none"), ("Switch", "off"), ("Host", "`here`"), ("Even", "0"),
            ],
            described);
    }

    private static Dictionary<string, string?> Least() => new() { ["Name"] = "n", ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry" };

    private static Options Read(Dictionary<string, string?> values) =>
        SettingGroup.ReadAdapter<Options>(new WireSettings("Estream:Adapters:a", values), EsfSchemaSet.BuiltIn, ["telemetry"]);

    private sealed record Options
    {
        [Setting("a name")]
        public required string Name { get; init; }

        [Setting("a queue", Text = SettingText.Queue)]
        public required string Queue { get; init; }

        [Setting("a schema", Words = ["IoTTelemetry"])]
        public required EsfSchema Schema { get; init; }

        [Setting("a number", Min = 1, Max = 10)]
        public int Count { get; init; } = 5;

        [Setting("a byte")]
        public byte Unit { get; init; } = 1;

        [Setting("a real number")]
        public double Factor { get; init; } = 1.5;

        [Setting("a color")]
        public Color Color { get; init; }

        [Setting("an address")]
        public IPAddress Address { get; init; } = IPAddress.Loopback;

        [Setting("a time", Key = "Wait:FirstMs", Max = 1_000, Unit = SettingUnit.Milliseconds)]
        public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(200);

        [Setting("a flag", Key = "On")]
        public bool IsOn { get; init; }

        [Setting("items", Entry = "item", Max = 2)]
        public IReadOnlyList<Item> Items { get; init; } = [];

        [Setting("texts")]
        public IReadOnlyList<string> Texts { get; init; } = [];

        [Setting("an object")]
        public Item? Extra { get; init; }

        [Setting("a switch", IsSwitch = true, Default = "off")]
        public Place? Switch { get; init; }

        [Setting("", IsInline = true, Without = ["Secret"])]
        public Place Place { get; init; } = new();

        [Setting("an even number")]
        [SettingsFrom(typeof(EvenSettings))]
        public int Even { get; init; }
    }

    private sealed record Item([property: Setting("a name")] string Name, [property: Setting("a size")] int Size = 1);

    private sealed record Place
    {
        [Setting("a host")]
        public string Host { get; init; } = "here";

        [Setting("a secret")]
        public string? Secret { get; init; }
    }

    private sealed record EvenSettings : ISettingSource<int>
    {
        [Setting("a number")]
        public int Number { get; init; }

        public int ToOption() => Number % 2 == 0 ? Number : throw new WireConfigurationException(nameof(Number), "is odd.");
    }
}
