namespace Estream.Wire.Settings;

/// <summary>
/// Declares a setting of an adapter at the property of the options that it fills. From this declaration come the parser, the check of a
/// host, the suggestion for a misspelt key and the table of the guide. The type of the property determines the accepted texts, its initial
/// value is the default, and a property that is <c>required</c> is a required setting.
/// </summary>
/// <param name="help">What the setting does, for the table of the guide: a phrase in Markdown without a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>What the setting does.</summary>
    public string Help => help;

    /// <summary>The key, with colons between levels. Default: the name of the property.</summary>
    public string? Key { get; init; }

    /// <summary>The smallest accepted number. Default: 0.</summary>
    public long Min { get; init; }

    /// <summary>The largest accepted number, or the maximum number of entries of a list. Default: the largest of the type; 256
    /// entries.</summary>
    public long Max { get; init; } = long.MaxValue;

    /// <summary>The unit of a number. Required for a <see cref="TimeSpan"/>.</summary>
    public SettingUnit Unit { get; init; }

    /// <summary>What a text names.</summary>
    public SettingText Text { get; init; }

    /// <summary>The accepted texts, of a text or the name of a schema. Default: all.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>The default in words, for the table of the guide. Needed only if it is not the initial value of the property.</summary>
    public string? Default { get; init; }

    /// <summary>The singular of the entries of a list, such as <c>device</c>, for messages.</summary>
    public string Entry { get; init; } = "entry";

    /// <summary>Whether the text <c>true</c> also enables the object, with the defaults of its settings.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Whether the settings of the object have no key of their own, and are at the level of this property.</summary>
    public bool IsInline { get; init; }

    /// <summary>Keys of an inline object that this adapter does not have.</summary>
    public string[] Without { get; init; } = [];
}

/// <summary>The word of a value of an enumeration in settings.</summary>
/// <param name="word">The word; it is compared without regard to case.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SettingWordAttribute(string word) : Attribute
{
    /// <summary>The word.</summary>
    public string Word => word;
}

/// <summary>Declares that another type has the settings of this type or property, because they differ in shape.</summary>
/// <param name="source">A type with settings, which implements <see cref="ISettingSource{T}"/> of the type of the property, or of the
/// entries of the list.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class SettingsFromAttribute(Type source) : Attribute
{
    /// <summary>The type with the settings.</summary>
    public Type Source => source;
}

/// <summary>Settings that are converted to an option.</summary>
/// <typeparam name="T">The type of the option.</typeparam>
public interface ISettingSource<out T>
{
    /// <summary>Returns the option.</summary>
    /// <exception cref="WireConfigurationException">The settings contradict each other. The key is relative to the settings.</exception>
    T ToOption();
}

/// <summary>The unit of a number in settings.</summary>
public enum SettingUnit
{
    /// <summary>A number without unit.</summary>
    None,

    /// <summary>Microseconds.</summary>
    Microseconds,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>What a text in settings names.</summary>
public enum SettingText
{
    /// <summary>Any text of 1 to 4,096 bytes.</summary>
    Any,

    /// <summary>A file or folder.</summary>
    Path,

    /// <summary>A queue of the host.</summary>
    Queue,
}
