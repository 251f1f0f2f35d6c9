using System.Text;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Internal;

namespace Estream.Esf.Expressions.Binding;

internal static class PlanNames
{
    /// <summary>Returns the field with the name of a token; null if there is none.</summary>
    public static FieldPlan? Find(this RecordPlan record, Token name) => record.Find(Encoding.UTF8.GetBytes(name.Text), 0);

    /// <summary>Returns the index of a value in an enum; -1 if it is not a value of the enum.</summary>
    public static int IndexOf(this IReadOnlyList<string> values, string value)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] == value)
            {
                return i;
            }
        }

        return -1;
    }
}
