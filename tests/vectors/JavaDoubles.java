import java.util.Scanner;

/** Prints each number of the input, a tab, and the number as Java prints it. */
class JavaDoubles {
    public static void main(String[] arguments) {
        Scanner numbers = new Scanner(System.in);
        while (numbers.hasNext()) {
            String number = numbers.next();
            System.out.println(number + "\t" + Double.parseDouble(number));
        }
    }
}
