using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Estream.Wire.Fix.Dictionary;

/// <summary>Reads a dictionary: <c>fix</c> with <c>fields</c>, <c>components</c>, <c>messages</c>, <c>header</c> and <c>trailer</c>.
/// Components are replaced by their members. Every error is a <see cref="FixDictionaryException"/> with its line.</summary>
/// <remarks>Document types and entities are prohibited, and nothing is fetched. Every count has a limit, including the members after
/// components are expanded: a few lines of components that reference each other twice could otherwise fill the memory.</remarks>
internal sealed class FixDictionaryReader
{
    private const int MaxCharacters = 8 * 1024 * 1024;
    private const int MaxFields = 50_000;
    private const int MaxValues = 100_000;
    private const int MaxComponents = 5_000;
    private const int MaxMessages = 2_000;
    private const int MaxMembers = 500_000;
    private const int MaxDepth = 64;
    private const int MaxGroupDepth = 16;
    private const int MaxTag = 999_999;

    private readonly string _source;
    private readonly Dictionary<string, FixFieldDefinition> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XElement> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Members> _expanded = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _members;
    private int _values;

    private FixDictionaryReader(string source)
    {
        _source = source;
    }

    /// <exception cref="FixDictionaryException">The document is not a valid dictionary.</exception>
    public static FixDictionary Read(Stream stream, string source)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using XmlReader xml = XmlReader.Create(stream, settings);
            return new FixDictionaryReader(source).ReadDocument(XDocument.Load(xml, LoadOptions.SetLineInfo));
        }
        catch (XmlException failure)
        {
            throw new FixDictionaryException(source, failure.LineNumber, $"is not a valid XML document: {failure.Message}", failure);
        }
    }

    private FixDictionary ReadDocument(XDocument document)
    {
        XElement root = document.Root!;
        if (root.Name.LocalName != "fix")
        {
            throw Mistake(root, $"the root element is <{root.Name.LocalName}>; a dictionary has the root <fix>.");
        }

        ReadFields(Section(root, "fields"));
        ReadComponents(root.Element("components"));
        FixFieldSet header = Expand(Section(root, "header"), 0).ToSet();
        FixFieldSet trailer = Expand(Section(root, "trailer"), 0).ToSet();
        Dictionary<ulong, FixMessageType> messages = ReadMessages(Section(root, "messages"));
        return new FixDictionary(Version(root), _fields.Values, messages, header, trailer);
    }

    private string Version(XElement root)
    {
        string type = root.Attribute("type")?.Value ?? "FIX";
        string servicePack = root.Attribute("servicepack")?.Value ?? "0";
        string suffix = servicePack == "0" ? "" : $"SP{servicePack}";
        return $"{type}.{Attribute(root, "major")}.{Attribute(root, "minor")}{suffix}";
    }

    private void ReadFields(XElement section)
    {
        HashSet<int> tags = [];
        foreach (XElement element in section.Elements())
        {
            string name = Attribute(element, "name");
            string number = Attribute(element, "number");
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int tag) || tag is < 1 or > MaxTag)
            {
                throw Mistake(element, $"'{number}' is not a tag; write a whole number from 1 to {MaxTag}.");
            }

            string typeName = Attribute(element, "type");
            if (!FixFieldTypes.TryGet(typeName, out FixFieldType type))
            {
                throw Mistake(element, $"'{typeName}' is not a field type; write one of {FixFieldTypes.Names}.");
            }

            string[] values = [.. element.Elements("value").Select(value => Attribute(value, "enum"))];
            _values += values.Length;
            Limit(element, _values, MaxValues, "values");
            Limit(element, _fields.Count + 1, MaxFields, "fields");
            if (!tags.Add(tag) || !_fields.TryAdd(name, new FixFieldDefinition(tag, name, type, _fields.Count, values)))
            {
                throw Mistake(element, $"field {tag} ({name}) is defined twice: its number or its name is already in use.");
            }
        }
    }

    private void ReadComponents(XElement? section)
    {
        foreach (XElement element in section?.Elements() ?? [])
        {
            Limit(element, _components.Count + 1, MaxComponents, "components");
            if (!_components.TryAdd(Attribute(element, "name"), element))
            {
                throw Mistake(element, $"component {Attribute(element, "name")} is defined twice.");
            }
        }
    }

    private Dictionary<ulong, FixMessageType> ReadMessages(XElement section)
    {
        Dictionary<ulong, FixMessageType> messages = [];
        foreach (XElement element in section.Elements())
        {
            Limit(element, messages.Count + 1, MaxMessages, "messages");
            string msgType = Attribute(element, "msgtype");
            if (!PackedText.TryPack(Encoding.UTF8.GetBytes(msgType), out ulong packed))
            {
                throw Mistake(element, $"msgtype '{msgType}' is longer than {PackedText.MaxLength} bytes.");
            }

            FixMessageType message = new(Attribute(element, "name"), Expand(element, 0).ToSet());
            if (!messages.TryAdd(packed, message))
            {
                throw Mistake(element, $"msgtype '{msgType}' is defined twice.");
            }
        }

        return messages;
    }

    /// <summary>Returns the members of an element, with components expanded.</summary>
    private Members Expand(XElement parent, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Mistake(parent, $"groups and components are nested more than {MaxDepth} levels deep.");
        }

        Members members = new();
        foreach (XElement child in parent.Elements())
        {
            bool isRequired = IsRequired(child);
            switch (child.Name.LocalName)
            {
                case "field":
                    members.Add(FieldOf(child), null, isRequired);
                    break;
                case "group":
                    members.Add(FieldOf(child), GroupOf(child, depth), isRequired);
                    break;
                case "component":
                    members.Add(ComponentOf(child, depth), isRequired);
                    break;
                default:
                    throw Mistake(child, $"<{child.Name.LocalName}> is not expected here; write <field>, <group> or <component>.");
            }

            // Check while the list grows, so that the limit applies before memory runs out.
            Limit(child, _members + members.Count, MaxMembers, "members after expanding components");
        }

        _members += members.Count;
        return members;
    }

    private FixGroupDefinition GroupOf(XElement element, int depth)
    {
        Members entry = Expand(element, depth + 1);
        if (entry.First is not FixFieldDefinition delimiter)
        {
            throw Mistake(element, "a group needs a field; the first one is its delimiter.");
        }

        Limit(element, entry.GroupDepth + 1, MaxGroupDepth, "levels of nested groups");
        return new FixGroupDefinition(FieldOf(element).Tag, delimiter.Tag, entry.GroupDepth + 1, entry.ToSet());
    }

    private Members ComponentOf(XElement element, int depth)
    {
        string name = Attribute(element, "name");
        if (_expanded.TryGetValue(name, out Members? known))
        {
            return known;
        }

        if (!_components.TryGetValue(name, out XElement? definition))
        {
            throw Mistake(element, $"component {name} is not defined under <components>.");
        }

        if (!_open.Add(name))
        {
            throw Mistake(element, $"component {name} contains itself.");
        }

        Members members = Expand(definition, depth + 1);
        _open.Remove(name);
        _expanded.Add(name, members);
        return members;
    }

    private FixFieldDefinition FieldOf(XElement element)
    {
        string name = Attribute(element, "name");
        return _fields.TryGetValue(name, out FixFieldDefinition? field)
            ? field
            : throw Mistake(element, $"field {name} is not defined under <fields>.");
    }

    private bool IsRequired(XElement element)
    {
        return element.Attribute("required")?.Value switch
        {
            "Y" => true,
            "N" or null => false,
            string other => throw Mistake(element, $"required='{other}' is not accepted; write Y or N."),
        };
    }

    private XElement Section(XElement root, string name)
    {
        return root.Element(name) ?? throw Mistake(root, $"<{name}> is missing.");
    }

    private string Attribute(XElement element, string name)
    {
        string? value = element.Attribute(name)?.Value;
        return string.IsNullOrEmpty(value)
            ? throw Mistake(element, $"<{element.Name.LocalName}> needs the attribute {name}.")
            : value;
    }

    private void Limit(XElement element, int count, int limit, string what)
    {
        if (count > limit)
        {
            throw Mistake(element, $"a dictionary can have at most {limit} {what}.");
        }
    }

    private FixDictionaryException Mistake(XElement element, string message)
    {
        int line = ((IXmlLineInfo)element).HasLineInfo() ? ((IXmlLineInfo)element).LineNumber : 0;
        return new FixDictionaryException(_source, line, message);
    }

    /// <summary>Members in dictionary order. A field that two components contain is counted once.</summary>
    private sealed class Members
    {
        private readonly Dictionary<int, FixGroupDefinition?> _groups = [];
        private readonly List<FixFieldDefinition> _required = [];

        /// <summary>The first field: the delimiter of a group's entries.</summary>
        public FixFieldDefinition? First { get; private set; }

        public int GroupDepth { get; private set; }

        public int Count => _groups.Count;

        public void Add(FixFieldDefinition field, FixGroupDefinition? group, bool isRequired)
        {
            First ??= field;
            GroupDepth = Math.Max(GroupDepth, group?.Depth ?? 0);
            if (_groups.TryAdd(field.Tag, group) && isRequired)
            {
                _required.Add(field);
            }
        }

        /// <summary>Adds the members of a component. The required fields of the component are required only if the component is
        /// required.</summary>
        public void Add(Members component, bool isRequired)
        {
            First ??= component.First;
            GroupDepth = Math.Max(GroupDepth, component.GroupDepth);
            foreach ((int tag, FixGroupDefinition? group) in component._groups)
            {
                _groups.TryAdd(tag, group);
            }

            if (isRequired)
            {
                _required.AddRange(component._required.Except(_required));
            }
        }

        public FixFieldSet ToSet()
        {
            return new FixFieldSet(_groups, _required);
        }
    }
}
