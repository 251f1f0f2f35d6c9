using System.Text;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Tests.Dictionary;

/// <summary>Checks the dictionaries of the package against facts of the specifications.</summary>
public class ShippedDictionaryTests
{
    [Theory]
    [InlineData("FIX.4.2", "D", "11 21 55 54 60 40")]
    [InlineData("FIX.4.4", "D", "11 54 60 40")]
    [InlineData("FIX.5.0", "D", "11 54 60 40")]
    [InlineData("FIX.5.0SP1", "D", "11 54 60 40")]
    [InlineData("FIX.5.0SP2", "D", "11 54 60 40")]
    [InlineData("FIX.4.4", "A", "98 108")]
    [InlineData("FIXT.1.1", "A", "98 108 1137")]
    [InlineData("FIX.4.4", "1", "112")]
    public void Message_has_the_required_fields_of_the_specification(string version, string msgType, string tags)
    {
        FixMessageType? type = Of(version).Message(Encoding.ASCII.GetBytes(msgType));

        Assert.NotNull(type);
        Assert.Equal(tags.Split(' ').Order(), type.Body.Required.ToArray().Select(field => $"{field.Tag}").Order());
    }

    [Theory]
    [InlineData("FIX.4.2", 386, 336)]
    [InlineData("FIX.4.4", 386, 336)]
    [InlineData("FIX.4.4", 453, 448)]
    [InlineData("FIX.5.0", 453, 448)]
    [InlineData("FIX.5.0SP1", 453, 448)]
    [InlineData("FIX.5.0SP2", 453, 448)]
    public void Group_has_the_delimiter_of_the_specification(string version, int countTag, int delimiter)
    {
        Assert.True(Of(version).Message("D"u8)!.Body.TryGet(countTag, out FixGroupDefinition? group));
        Assert.Equal(delimiter, group!.Delimiter);
    }

    [Fact]
    public void Raw_data_and_length_fields_are_recognised()
    {
        Assert.Contains(95, FixDictionary.Fix44.LengthTags);
        Assert.Contains(96, FixDictionary.Fix44.DataTags);
        Assert.True(FixProtocol.Fix50Sp2.DataTags.IsLength(358));
        Assert.True(FixProtocol.Fix50Sp2.DataTags.IsData(359));
        Assert.False(FixProtocol.Fix50Sp2.DataTags.IsData(58));
        Assert.False(FixProtocol.Fix50Sp2.DataTags.IsData(-1));
        Assert.False(FixProtocol.Fix50Sp2.DataTags.IsLength(int.MaxValue));
    }

    [Fact]
    public void Protocol_uses_the_dictionaries_of_its_version()
    {
        Assert.Same(FixDictionary.Fix44, FixProtocol.Fix44.Application);
        Assert.Same(FixDictionary.Fix44, FixProtocol.Fix44.Transport);
        Assert.Null(FixProtocol.Fix44.DefaultApplVerId);
        Assert.Equal("FIXT.1.1", FixProtocol.Fix50Sp2.BeginString);
        Assert.Same(FixDictionary.Fixt11, FixProtocol.Fix50Sp2.Transport);
        Assert.Equal("7", FixProtocol.Fix50.DefaultApplVerId);
        Assert.Equal("8", FixProtocol.Fix50Sp1.DefaultApplVerId);
        Assert.Equal("9", FixProtocol.Fix50Sp2.DefaultApplVerId);
        Assert.Equal("FIX.5.0", FixProtocol.Fix50.Application.Version);
        Assert.Equal("FIX.5.0SP1", FixProtocol.Fix50Sp1.Application.Version);
        Assert.Throws<ArgumentException>(() => FixProtocol.Of(FixDictionary.Fixt11));
    }

    [Fact]
    public void License_of_the_dictionaries_is_embedded()
    {
        using Stream? stream = typeof(FixDictionary).Assembly.GetManifestResourceStream("dictionaries-license.txt");
        using StreamReader reader = new(stream!);

        Assert.StartsWith("The QuickFIX Software License, Version 1.0", reader.ReadToEnd(), StringComparison.Ordinal);
    }

    private static FixDictionary Of(string version)
    {
        return version switch
        {
            "FIX.4.2" => FixDictionary.Fix42,
            "FIX.4.4" => FixDictionary.Fix44,
            "FIXT.1.1" => FixDictionary.Fixt11,
            "FIX.5.0" => FixDictionary.Fix50,
            "FIX.5.0SP1" => FixDictionary.Fix50Sp1,
            _ => FixDictionary.Fix50Sp2,
        };
    }
}
