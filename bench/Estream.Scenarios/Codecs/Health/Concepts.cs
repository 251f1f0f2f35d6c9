namespace Estream.Scenarios.Codecs.Health;

/// <summary>Coded values of the messages.</summary>
internal static class Concepts
{
    public static CodeableConcept Of(string system, string code, string display) => new()
    {
        Coding = [new Coding { System = Text.Of(system), Code = Text.Of(code), Display = Text.Of(display) }],
    };

    public static Quantity Pressure(int value) => new()
    {
        Value = value,
        Scale = 0,
        Unit = Text.Of("mmHg"),
        System = Text.Of("http://unitsofmeasure.org"),
        Code = Text.Of("mm[Hg]"),
    };
}
