using System.Text;
using Estream.Esf;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Wire.Fhir.Codec;

/// <summary>
/// Maps the JSON of a resource type to its schema of the pack esf-health. Built from the schema: the member <c>birthDate</c> is the field
/// <c>birth_date</c>. Differences between the two, such as choices, are listed here. Immutable and thread-safe.
/// </summary>
internal sealed class ResourceMap
{
    private const int DateLength = 10;
    private const int TimeLength = 18;
    private const int DateTimeLength = 35;

    private static readonly string[] s_comparators = ["<", "<=", ">=", ">"];

    private readonly Dictionary<FieldPlan, string> _paths = [];

    private ResourceMap(string type, EsfSchema schema)
    {
        Type = type;
        TypeBytes = Encoding.ASCII.GetBytes(type);
        Schema = schema;
        Root = Build(schema.Plan, schema.Definition.Record, type, isPrivate: false);
        AddPaths(Root, "");
        if (Deferred is { } deferred)
        {
            AddPath(deferred, $"{deferred.Name}.");
        }
    }

    /// <summary>The resource type, as in Observation.</summary>
    public string Type { get; }

    /// <summary>The resource type in ASCII.</summary>
    public byte[] TypeBytes { get; }

    /// <summary>The schema.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The members of the resource.</summary>
    public RecordMap Root { get; }

    /// <summary>The field of the message for a deferred array; null if the schema has none.</summary>
    public ElementMap? Deferred { get; private set; }

    /// <summary>The path of the element of a field, as in <c>name.family</c>. For a choice of types, such as <c>effectiveDateTime</c> and
    /// <c>effectiveInstant</c>, the path is that of the choice: <c>effective</c>.</summary>
    public string PathOf(FieldPlan field) => _paths.GetValueOrDefault(field, field.Path);

    /// <summary>Builds the map of a schema whose name is Fhir and the resource type.</summary>
    public static ResourceMap Of(EsfSchema schema) => new(schema.Name["Fhir".Length..], schema);

    private void AddPaths(RecordMap record, string prefix)
    {
        foreach (ElementMap element in record.Elements)
        {
            AddPath(element, prefix);
        }
    }

    private void AddPath(ElementMap element, string prefix)
    {
        string path = prefix + element.Name;
        foreach (FieldPlan field in new[] { element.Field, element.Scale }.OfType<FieldPlan>())
        {
            _paths[field] = _paths.TryGetValue(field, out string? other) ? ChoiceOf(other, path) : path;
        }

        if (element.Inner is { } inner)
        {
            AddPath(inner, prefix);
        }

        if (element.Record is { } below)
        {
            AddPaths(below, $"{path}.");
        }
    }

    private static string ChoiceOf(string one, string other)
    {
        int length = one.AsSpan().CommonPrefixLength(other);
        return length > 0 ? one[..length] : one;
    }

    private RecordMap Build(RecordPlan plan, RecordDefinition definition, string name, bool isPrivate)
    {
        List<ElementMap> elements = [];
        bool isRoot = name == Type;
        if (isRoot)
        {
            elements.Add(new ElementMap("resourceType", ElementKind.ResourceType));
        }

        foreach (FieldPlan field in plan.Fields)
        {
            elements.AddRange(Of(plan, field, name, isPrivate));
        }

        if (isRoot)
        {
            elements.Insert(1, new ElementMap("meta", ElementKind.Flatten) { Record = Pick(plan, "version_id", "last_updated") });
        }
        else if (name == "ConsentRule")
        {
            elements.Add(new ElementMap("provision", ElementKind.Deferred));
        }

        bool isGuarded = !isPrivate && name is ("Coding" or "Quantity");
        return new RecordMap(plan, isGuarded ? elements.Select(Guard) : isPrivate ? elements : elements.Select(one => Guard(name, one)))
        {
            IsGuarded = isGuarded,
            Words = !isPrivate && name is ("CodeableConcept" or "ReferenceRange")
                ? elements.Single(element => element.Name == "text") : null,
        };
    }

    /// <summary>Withholds the texts of records that have no terminology.</summary>
    private static ElementMap Guard(string record, ElementMap element) => (record, element.Name) switch
    {
        ("Reference", "type") => element with { Withholding = Withholding.UnlessResourceType },
        ("policy", _) => element with { Withholding = Withholding.Always },
        (_, "data") when record.EndsWith("sampled_data", StringComparison.Ordinal) =>
            element with { Withholding = Withholding.UnlessSamples },
        _ => element,
    };

    private static ElementMap Guard(ElementMap element) => element with
    {
        Withholding = element.Name switch
        {
            "system" or "version" or "code" => Withholding.UnlessPublished,
            "unit" => Withholding.UnlessUnit,
            "display" => Withholding.Always,
            _ => Withholding.Never,
        },
    };

    /// <summary>The members that become a field: one, or several for a choice.</summary>
    private IEnumerable<ElementMap> Of(RecordPlan plan, FieldPlan field, string record, bool isPrivate)
    {
        string name = field.Definition.Name;
        switch (record, name)
        {
            case (_, "version_id" or "last_updated") when record == Type:
            case ("Quantity", "scale"):
                return [];
            case ("Quantity", "value"):
                return [new ElementMap("value", ElementKind.Decimal) { Field = field, Scale = FieldOf(plan, "scale") }];
            case ("Patient", "deceased"):
                return [Value(field, "deceasedBoolean", record, isPrivate)];
            case ("Patient", "deceased_at"):
                return [Value(field, "deceasedDateTime", record, isPrivate)];
            case ("Patient", "multiple_birth"):
                return [Value(field, "multipleBirthBoolean", record, isPrivate)];
            case ("Patient", "multiple_birth_order"):
                return [Value(field, "multipleBirthInteger", record, isPrivate)];
            case ("Observation", "effective_at"):
                return [Value(field, "effectiveDateTime", record, isPrivate), Value(field, "effectiveInstant", record, isPrivate)];
            case ("Consent", "source"):
                return [Value(field, "sourceReference", record, isPrivate)];
            case ("Consent", "exceptions"):
                Deferred = Value(field, "provision", record, isPrivate);
                return [];
            case ("Reference", "identifier_system"):
                return [new ElementMap("identifier", ElementKind.Flatten) { Record = Flat(plan, "identifier_", isPrivate) }];
            case ("Reference", "identifier_value"):
                return [];
            case ("Identifier", "assigner"):
                return [Display(plan, field, "assigner")];
            case (_, "author"):
                return [Value(field, "authorString", record, isPrivate), Display(plan, field, "authorReference")];
            default:
                return field.Type.Definition.Record?.Name == "ObservationValue" ? Choices(field, isPrivate)
                    : [Value(field, Camel(name), record, isPrivate)];
        }
    }

    /// <summary>The types of <c>value[x]</c>: <c>valueQuantity</c>, <c>valueString</c>, ….</summary>
    private IEnumerable<ElementMap> Choices(FieldPlan field, bool isPrivate)
    {
        RecordPlan choice = field.Type.Record!;
        RecordMap record = new(choice, [])
        {
            Words = isPrivate || field.IsPrivate ? null : new ElementMap("text", ElementKind.Text) { Field = FieldOf(choice, "text") },
        };
        foreach (FieldPlan one in choice.Fields)
        {
            string suffix = one.Definition.Name == "text" ? "String" : Pascal(one.Definition.Name);
            yield return new ElementMap($"value{suffix}", ElementKind.Choice)
            {
                Field = field,
                Record = record,
                Inner = Value(one, $"value{suffix}", "ObservationValue", isPrivate || field.IsPrivate),
            };
        }
    }

    private ElementMap Value(FieldPlan field, string name, string record, bool isPrivate)
    {
        bool isArray = field.Type.Kind == EsfTypeKind.Array;
        ValuePlan type = isArray ? field.Type.Element! : field.Type;
        ElementKind kind = KindOf(type, record, field.Definition.Name);
        RecordDefinition? definition = type.Definition.Record;
        return new ElementMap(name, kind)
        {
            Field = field,
            IsArray = isArray,
            Format = FormatOf(type, name, record),
            Codes = type.EnumNames is null ? null : new Utf8NameTable(CodesOf(type.Definition.Enumeration!)),
            Record = kind == ElementKind.Object || kind == ElementKind.DecimalObject
                ? Build(type.Record!, definition!, definition!.Name ?? field.Path, isPrivate || field.IsPrivate) : null,
        };
    }

    private ElementKind KindOf(ValuePlan type, string record, string field) => type.Kind switch
    {
        EsfTypeKind.String when record == Type && field == "id" => ElementKind.Id,
        EsfTypeKind.String when record == "Reference" && field == "reference" => ElementKind.Reference,
        EsfTypeKind.String => ElementKind.Text,
        EsfTypeKind.Bool => ElementKind.Flag,
        EsfTypeKind.Timestamp => ElementKind.Instant,
        EsfTypeKind.Enum => ElementKind.Code,
        EsfTypeKind.Object => type.Definition.Record!.Name == "Decimal" ? ElementKind.DecimalObject : ElementKind.Object,
        _ => ElementKind.Integer,
    };

    private static TextFormat FormatOf(ValuePlan type, string name, string record) => type.MaxLength switch
    {
        DateLength => TextFormat.Date,
        TimeLength => TextFormat.Time,
        DateTimeLength => TextFormat.DateTime,
        _ => name == "versionId" ? TextFormat.Id
            : name == "code" && record is "Coding" or "Quantity" && name == "code" ? TextFormat.Code : TextFormat.String,
    };

    /// <summary>The codes of an enum: <c>EnteredInError</c> is <c>entered-in-error</c>. Comparators are signs.</summary>
    private static string[] CodesOf(EnumDefinition type) =>
        type.Name == "QuantityComparator" ? s_comparators : [.. type.Values.Select(Kebab)];

    private static ElementMap Display(RecordPlan plan, FieldPlan field, string name) => new(name, ElementKind.Flatten)
    {
        Record = new RecordMap(plan, [new ElementMap("display", ElementKind.Text) { Field = field }]),
    };

    private RecordMap Pick(RecordPlan plan, params string[] fields) =>
        new(plan, fields.Select(field => Value(FieldOf(plan, field), Camel(field), "meta", isPrivate: false)));

    private static RecordMap Flat(RecordPlan plan, string prefix, bool isPrivate) => new(plan, plan.Fields
        .Where(field => field.Definition.Name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(field => new ElementMap(field.Definition.Name[prefix.Length..], ElementKind.Text)
        {
            Field = field,
            Withholding = isPrivate || field.IsPrivate ? Withholding.Never : Withholding.UnlessIdentifierSystem,
        }));

    private static FieldPlan FieldOf(RecordPlan plan, string name) => plan.Fields.Single(field => field.Definition.Name == name);

    private static string Camel(string name)
    {
        string pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal[1..];
    }

    private static string Pascal(string name) =>
        string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Kebab(string name)
    {
        StringBuilder kebab = new();
        foreach (char letter in name)
        {
            kebab.Append(char.IsUpper(letter) && kebab.Length > 0 ? "-" : "").Append(char.ToLowerInvariant(letter));
        }

        return kebab.ToString();
    }
}
