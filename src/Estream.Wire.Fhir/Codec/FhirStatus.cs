using Estream.Esf.Internal;

namespace Estream.Wire.Fhir.Codec;

/// <summary>Why a resource cannot be translated.</summary>
internal enum FhirError
{
    /// <summary>The resource was translated.</summary>
    None,

    /// <summary>The text is not JSON, or is not UTF-8.</summary>
    MalformedJson,

    /// <summary>The resource has another type, or none.</summary>
    WrongResourceType,

    /// <summary>A value has a JSON type that its element does not accept.</summary>
    WrongType,

    /// <summary>A value does not have the format of its element.</summary>
    WrongValue,

    /// <summary>An element, or a choice of types, is given twice.</summary>
    Duplicate,

    /// <summary>A required element is missing.</summary>
    Missing,

    /// <summary>A value is valid, but the schema cannot hold it.</summary>
    NotRepresentable,

    /// <summary>The destination is too short.</summary>
    DestinationTooSmall,
}

/// <summary>The outcome of translating a resource. Contains no value of the resource. Creation costs nothing.</summary>
/// <param name="Error">The error.</param>
/// <param name="Field">The field of the error; null if unknown.</param>
internal readonly record struct FhirStatus(FhirError Error, FieldPlan? Field)
{
    /// <summary>Whether the resource was translated.</summary>
    public bool IsOk => Error == FhirError.None;

    /// <summary>Whether the resource is valid, even if the schema cannot hold all of it.</summary>
    public bool IsValid => Error is FhirError.None or FhirError.NotRepresentable;

    /// <summary>The path of the element, as in <c>Observation.code</c>; null if unknown.</summary>
    /// <param name="map">The map of the resource type.</param>
    public string? PathIn(ResourceMap map) => Field is null ? null : $"{map.Type}.{map.PathOf(Field)}";

    /// <summary>The reason as text, without any value of the resource.</summary>
    /// <param name="map">The map of the resource type.</param>
    public string Describe(ResourceMap map)
    {
        string field = Field is null ? "the resource" : $"'{map.PathOf(Field)}'";
        return Error switch
        {
            FhirError.None => "the resource is valid",
            FhirError.MalformedJson => "the resource is not valid JSON in UTF-8",
            FhirError.WrongResourceType => "the resource has another type than its address",
            FhirError.WrongType => $"{field} has a value of a wrong JSON type",
            FhirError.WrongValue => $"{field} has a value that is not valid for its type",
            FhirError.Duplicate => $"{field} is given twice",
            FhirError.Missing => $"{field} is required and missing",
            FhirError.NotRepresentable => $"{field} has a value that the schema cannot hold",
            _ => "the destination is too short",
        };
    }
}
