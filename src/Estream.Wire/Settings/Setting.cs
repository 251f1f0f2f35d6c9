using System.Reflection;

namespace Estream.Wire.Settings;

/// <summary>A declared setting of an adapter. Immutable.</summary>
public sealed class Setting
{
    private readonly SettingAttribute _declared;

    internal Setting(PropertyInfo property, SettingAttribute declared, SettingKind kind)
    {
        (Property, _declared, Kind) = (property, declared, kind);
        Key = declared.Key ?? property.Name;
    }

    /// <summary>The key, relative to its object, with colons between levels.</summary>
    public string Key { get; }

    /// <summary>The kind of the value.</summary>
    public SettingKind Kind { get; }

    /// <summary>What the setting does, in Markdown.</summary>
    public string Help => _declared.Help;

    /// <summary>Whether the setting must be set.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>The smallest accepted number.</summary>
    public long Min => _declared.Min;

    /// <summary>The largest accepted number.</summary>
    public required long Max { get; init; }

    /// <summary>The unit of a number.</summary>
    public SettingUnit Unit => _declared.Unit;

    /// <summary>The accepted words; empty if all texts are accepted.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>The settings of the object, or of each entry of a list of objects; otherwise null.</summary>
    public required SettingGroup? Group { get; init; }

    /// <summary>The singular of the entries of a list.</summary>
    public string Entry => _declared.Entry;

    /// <summary>The default in words, in Markdown.</summary>
    public required string Default { get; init; }

    internal PropertyInfo Property { get; }

    /// <summary>The type of the property, without the null of a nullable one.</summary>
    internal Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
}

/// <summary>The kind of the value of a setting.</summary>
public enum SettingKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>The path of a file or folder.</summary>
    Path,

    /// <summary>The name of a queue.</summary>
    Queue,

    /// <summary>The name of an ESF schema.</summary>
    Schema,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A real number.</summary>
    Real,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>One of several words.</summary>
    Choice,

    /// <summary>A local IP address.</summary>
    Address,

    /// <summary>The pin of a certificate or key.</summary>
    Pin,

    /// <summary>An object.</summary>
    Group,

    /// <summary>True, false or an object.</summary>
    Switch,

    /// <summary>A list of objects.</summary>
    List,

    /// <summary>A list of texts.</summary>
    Texts,

    /// <summary>A list of pins.</summary>
    Pins,
}
