using Estream.Esf;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>The one schema of the lines.</summary>
internal static class LineSchemas
{
    public static EsfSchemaSet Set { get; } = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("lines.esf.yaml", """
        version: "1.0"
        namespace: acme.lines
        schemas:
          Line:
            fields:
              sender: { type: string(32) }
              number: { type: u32 }
              text: { type: string }
        """)));
}
