using Microsoft.CodeAnalysis;

namespace Estream.Tidy.Rules;

/// <summary>The public and protected members of an assembly, one per line, in an order that does not depend on the source.</summary>
internal static class PublicSurface
{
    private static readonly SymbolDisplayFormat s_memberFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeExplicitInterface,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat s_typeFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints
            | SymbolDisplayGenericsOptions.IncludeVariance,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    public static string Describe(IAssemblySymbol assembly)
    {
        List<string> lines = [];
        foreach (INamedTypeSymbol type in Types(assembly.GlobalNamespace)
            .OrderBy(type => type.ToDisplayString(s_typeFormat), StringComparer.Ordinal))
        {
            lines.Add(Head(type));
            lines.AddRange(Members(type).Order(StringComparer.Ordinal));
        }

        return string.Concat(lines.Select(line => line + "\n"));
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (INamespaceOrTypeSymbol member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                if (!IsVisible(type))
                {
                    continue;
                }

                yield return type;
            }

            foreach (INamedTypeSymbol nested in Types(member))
            {
                yield return nested;
            }
        }
    }

    private static string Head(INamedTypeSymbol type)
    {
        string kind = type switch
        {
            { TypeKind: TypeKind.Interface } => "interface",
            { TypeKind: TypeKind.Enum } => "enum",
            { TypeKind: TypeKind.Delegate } => "delegate",
            { IsValueType: true } =>
                $"{(type.IsReadOnly ? "readonly " : "")}{(type.IsRefLikeType ? "ref " : "")}{(type.IsRecord ? "record " : "")}struct",
            { IsStatic: true } => "static class",
            _ => $"{(type.IsAbstract ? "abstract " : "")}{(type.IsSealed ? "sealed " : "")}{(type.IsRecord ? "record" : "class")}",
        };
        IEnumerable<string> bases = type.Interfaces.Select(contract => contract.ToDisplayString(s_typeFormat))
            .Order(StringComparer.Ordinal);
        if (type.TypeKind == TypeKind.Class && type.BaseType is { SpecialType: SpecialType.None } parent)
        {
            bases = bases.Prepend(parent.ToDisplayString(s_typeFormat));
        }

        string list = type.TypeKind == TypeKind.Enum ? type.EnumUnderlyingType!.ToDisplayString(s_typeFormat) : string.Join(", ", bases);
        return $"{kind} {type.ToDisplayString(s_typeFormat)}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static IEnumerable<string> Members(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Delegate)
        {
            SymbolDisplayFormat format = s_memberFormat.RemoveMemberOptions(SymbolDisplayMemberOptions.IncludeModifiers);
            return [$"  {type.DelegateInvokeMethod!.ToDisplayString(format)}"];
        }

        return from member in type.GetMembers()
               where member is not INamedTypeSymbol && IsVisible(member) && !IsMadeByCompiler(member)
               select $"  {(member.DeclaredAccessibility == Accessibility.Public ? "" : "protected ")}"
                   + $"{member.ToDisplayString(s_memberFormat)}";
    }

    private static bool IsVisible(ISymbol symbol)
    {
        bool isInheritable = symbol.ContainingType is null or { IsSealed: false };
        return symbol.DeclaredAccessibility == Accessibility.Public
            || (isInheritable && symbol.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal);
    }

    // Accessors belong to their property, every value type has a constructor without parameters, and the keyword record
    // implies the members that the compiler adds.
    private static bool IsMadeByCompiler(ISymbol member)
    {
        bool isDefault =
            member is IMethodSymbol { MethodKind: MethodKind.Constructor, IsImplicitlyDeclared: true, ContainingType.IsValueType: true };
        return isDefault
            || member is IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd
                or MethodKind.EventRemove }
            || member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute");
    }
}
