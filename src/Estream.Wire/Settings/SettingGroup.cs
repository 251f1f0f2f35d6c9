using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Estream.Esf;

namespace Estream.Wire.Settings;

/// <summary>
/// The declared settings of a type with options: its properties with a <see cref="SettingAttribute"/>. <see cref="Of{T}"/> inspects a type
/// once, by reflection. Immutable and thread-safe.
/// </summary>
public sealed class SettingGroup
{
    private const int DefaultEntries = 256;

    // The types of an unloaded component can be collected.
    private static readonly ConditionalWeakTable<Type, SettingGroup> s_known = [];

    private readonly SettingMember[] _members;
    private readonly ConstructorInfo _constructor;
    private readonly MethodInfo? _convert;

    private SettingGroup(Type type)
    {
        // Of records, the other constructor copies.
        _constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(one => one.GetParameters() is not [{ } only] || only.ParameterType != type)
            .MaxBy(one => one.GetParameters().Length) ?? throw new ArgumentException($"{type} has no constructor.", nameof(type));
        _convert = type.GetInterfaces()
            .FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ISettingSource<>))
            ?.GetMethod(nameof(ISettingSource<object>.ToOption));
        object initial = Create(new Dictionary<string, object?>());
        _members = [.. type.GetProperties().OrderBy(one => one.MetadataToken)
            .Select(one => (Property: one, Declared: one.GetCustomAttribute<SettingAttribute>()))
            .Where(one => one.Declared is not null).Select(one => MemberOf(one.Property, one.Declared!, initial))];
        Settings = [.. _members.SelectMany(member => member.Settings)];
        Type = type;
    }

    /// <summary>The type with the properties.</summary>
    public Type Type { get; }

    /// <summary>The settings in the order of the properties, with those of inline objects.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Returns the settings of a type.</summary>
    /// <typeparam name="T">A type of options, or the type that its <see cref="SettingsFromAttribute"/> names.</typeparam>
    public static SettingGroup Of<T>() => Of(typeof(T));

    /// <summary>Reads the options of an adapter, and refuses all other settings.</summary>
    /// <typeparam name="T">The type of the options.</typeparam>
    /// <param name="settings">The settings of the adapter.</param>
    /// <param name="schemas">The schemas that settings may name.</param>
    /// <param name="queues">The queues that settings may name.</param>
    /// <param name="own">The schemas that the adapter contains, for names that <paramref name="schemas"/> does not have.</param>
    /// <exception cref="WireConfigurationException">A required setting is missing, a setting is unknown, or a text is not accepted. The
    /// message has the key and the accepted keys or texts.</exception>
    public static T ReadAdapter<T>(
        WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, EsfSchemaSet? own = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Text("Type");
        T options = Read<T>(settings, schemas, queues, own);
        settings.RefuseUnknown();
        return options;
    }

    /// <summary>Reads options that name no schemas and no queues.</summary>
    /// <typeparam name="T">The type of the options.</typeparam>
    /// <param name="settings">The settings.</param>
    /// <exception cref="WireConfigurationException">A required setting is missing, or a text is not accepted.</exception>
    public static T Read<T>(WireSettings settings) => Read<T>(settings, EsfSchemaSet.BuiltIn, []);

    /// <summary>Reads options.</summary>
    /// <typeparam name="T">The type of the options.</typeparam>
    /// <param name="settings">The settings.</param>
    /// <param name="schemas">The schemas that settings may name.</param>
    /// <param name="queues">The queues that settings may name.</param>
    /// <param name="own">The schemas that the adapter contains, for names that <paramref name="schemas"/> does not have.</param>
    /// <exception cref="WireConfigurationException">A required setting is missing, or a text is not accepted. The message has the key and
    /// the accepted texts.</exception>
    public static T Read<T>(
        WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, EsfSchemaSet? own = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        return (T)Of<T>().Read(new SettingBinder(schemas, queues, own ?? schemas), settings);
    }

    /// <param name="reader">Reads values.</param>
    /// <param name="settings">The settings of the object.</param>
    /// <param name="without">Keys that are not read.</param>
    internal object Read(SettingBinder reader, WireSettings settings, params string[] without)
    {
        Dictionary<string, object?> values = [];
        foreach (SettingMember member in _members.Where(member => !without.Contains(member.Key)))
        {
            if (member.TryRead(reader, settings, out object? value))
            {
                values[member.Property.Name] = value;
            }
        }

        object options = Create(values);
        return _convert is null ? options : QualifiedKeys.In(settings, () => Convert(options));
    }

    private static SettingGroup Of(Type type)
    {
        Type source = type.GetCustomAttribute<SettingsFromAttribute>()?.Source ?? type;
        return s_known.GetValue(source, static one => new SettingGroup(one));
    }

    private object Convert(object options)
    {
        try
        {
            return _convert!.Invoke(options, null)!;
        }
        catch (TargetInvocationException failure) when (failure.InnerException is WireConfigurationException refused)
        {
            throw refused;
        }
    }

    // Reflection ignores that a property is required. A setting of a required property is required, so here it has a value.
    private object Create(Dictionary<string, object?> values)
    {
        ParameterInfo[] parameters = _constructor.GetParameters();
        object?[] arguments = [.. parameters.Select(parameter =>
            values.TryGetValue(parameter.Name!, out object? value) ? value
            : parameter.HasDefaultValue ? DefaultOf(parameter)
            : parameter.ParameterType.IsValueType ? RuntimeHelpers.GetUninitializedObject(parameter.ParameterType) : null)];
        object options = _constructor.Invoke(arguments);
        foreach ((string name, object? value) in values.Where(one => !Array.Exists(parameters, parameter => parameter.Name == one.Key)))
        {
            options.GetType().GetProperty(name)!.SetValue(options, value);
        }

        return options;
    }

    private static object? DefaultOf(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.DefaultValue is { } value && type.IsEnum ? Enum.ToObject(type, value) : parameter.DefaultValue;
    }

    private SettingMember MemberOf(PropertyInfo property, SettingAttribute declared, object initial)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Type? entry = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? type.GetGenericArguments()[0]
            : null;
        Type? source = property.GetCustomAttribute<SettingsFromAttribute>()?.Source;
        SettingKind kind = KindOf(declared, entry ?? type, source is not null, entry is not null);
        SettingGroup? inner = kind is SettingKind.Group or SettingKind.Switch or SettingKind.List ? Of(source ?? entry ?? type) : null;
        if (declared.IsInline)
        {
            return new SettingMember(property, inner!, declared.Without);
        }

        object? value = property.GetValue(initial);
        bool isRequired = property.GetCustomAttribute<RequiredMemberAttribute>() is not null
            || Array.Exists(_constructor.GetParameters(), parameter => parameter.Name == property.Name && !parameter.HasDefaultValue);
        IReadOnlyList<string> words = type.IsEnum ? SettingWords.Of(type) : declared.Words;
        return new SettingMember(property, new Setting(property, declared, kind)
        {
            IsRequired = isRequired,
            Max = declared.Max < long.MaxValue ? declared.Max : entry is null ? LargestOf(type) : DefaultEntries,
            Words = words,
            Group = inner,
            Default = declared.Default ?? (isRequired ? "required" : SettingWords.Describe(value, declared.Unit)),
        });
    }

    private static SettingKind KindOf(SettingAttribute declared, Type type, bool hasSource, bool isList)
    {
        if (isList)
        {
            return !hasSource && type == typeof(WirePin) ? SettingKind.Pins
                : !hasSource && type == typeof(string) ? SettingKind.Texts : SettingKind.List;
        }

        return hasSource ? Inner(declared)
            : type == typeof(string) ? declared.Text switch
                {
                    SettingText.Path => SettingKind.Path,
                    SettingText.Queue => SettingKind.Queue,
                    _ => declared.Words.Length > 0 ? SettingKind.Choice : SettingKind.Text,
                }
            : type.IsEnum ? SettingKind.Choice
            : type == typeof(bool) ? SettingKind.Flag
            : type == typeof(double) ? SettingKind.Real
            : type == typeof(EsfSchema) ? SettingKind.Schema
            : type == typeof(IPAddress) ? SettingKind.Address
            : type == typeof(WirePin) ? SettingKind.Pin
            : type.IsPrimitive || type == typeof(TimeSpan) ? SettingKind.Number
            : Inner(declared);
    }

    private static SettingKind Inner(SettingAttribute declared) => declared.IsSwitch ? SettingKind.Switch : SettingKind.Group;

    private static long LargestOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => byte.MaxValue,
        TypeCode.UInt16 => ushort.MaxValue,
        TypeCode.Int64 => long.MaxValue,
        _ => int.MaxValue,
    };
}
